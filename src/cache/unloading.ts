import { isStoreError } from '../store/errors.ts';
import type { LoadedNodes } from './loaded-nodes.ts';
import type { Node } from './node.ts';
import { inTurns, nextTurn } from './turns.ts';

/** Nodes that are let go of in one turn of the event loop: some hundred microseconds. */
const nodesAtOnce = 512;

/** How many nodes are in memory. */
export interface NodeLimits {
  /** With more, directories that nobody looked into lately are unloaded, */
  readonly most: number;
  /** until so many are left. */
  readonly fewer: number;
}

/** What `Unloading` must know of nodes, and what it asks for. */
export interface UnloadingParts {
  readonly nodes: LoadedNodes;
  readonly limits: NodeLimits;
  /** Takes directories out of memory, least recently looked into first, and tells the children that each had. */
  readonly unload: () => Iterable<ReadonlyMap<string, Node>>;
  /** Whether a directory in memory has the node among its children. */
  readonly isShown: (node: Node) => boolean;
  /** Whether a node carries what its row does not tell. */
  readonly isNeeded: (node: Node) => boolean;
  /** Commits what is needed only because of its times, in short pieces. */
  readonly saveTimes: () => Generator<void>;
}

/** Keeps the number of nodes in memory small, in short pieces between which the event loop turns. */
export class Unloading {
  readonly #parts: UnloadingParts;
  /** What was needed when its directory was unloaded. */
  readonly #kept = new Set<Node>();
  /** With more nodes it begins. */
  #beginsAbove: number;
  #isRunning = false;
  #isClosed = false;

  constructor(parts: UnloadingParts) {
    this.#parts = parts;
    this.#beginsAbove = parts.limits.most;
  }

  /** To be called when nodes have come into memory; begins where they are too many. */
  check(): void {
    if (this.#isRunning || this.#isClosed || this.#parts.nodes.held <= this.#beginsAbove) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Begins no more, and leaves off. */
  close(): void {
    this.#isClosed = true;
  }

  async #run(): Promise<void> {
    const { nodes, limits } = this.#parts;
    // Whoever brought the nodes is in the middle of something.
    await nextTurn();
    await this.#saveTimes();
    await inTurns(this.#letGoOfMany(), nodesAtOnce, () => !this.#isClosed);
    // Where more is needed than there should be, another try soon would find the same.
    this.#beginsAbove = Math.max(limits.most, nodes.held + limits.most - limits.fewer);
    this.#isRunning = false;
  }

  async #saveTimes(): Promise<void> {
    try {
      await inTurns(this.#parts.saveTimes(), 1, () => !this.#isClosed);
    } catch (error) {
      // What a full disk does not take stays in memory.
      if (!isStoreError(error, 'QuotaExceeded')) throw error;
    }
  }

  *#letGoOfMany(): Generator<void> {
    const { nodes, limits, unload } = this.#parts;
    // They come faster than they go: now those who bring them have to wait.
    const tooMany = 2 * limits.most - limits.fewer;
    for (const node of this.#kept) {
      this.#letGo(node);
      yield;
    }
    if (nodes.held <= limits.fewer) return;
    for (const children of unload()) {
      for (const child of children.values()) {
        this.#letGo(child);
        if (nodes.held <= tooMany) yield;
      }
      if (nodes.held <= limits.fewer) return;
      yield;
    }
  }

  /** The directory may have been read again since it was unloaded, and the node may have gone elsewhere. */
  #letGo(node: Node): void {
    const { nodes, isNeeded, isShown } = this.#parts;
    if (isShown(node)) {
      this.#kept.delete(node);
    } else if (isNeeded(node)) {
      this.#kept.add(node);
    } else {
      this.#kept.delete(node);
      nodes.release(node);
    }
  }
}
