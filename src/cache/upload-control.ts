import type { Database } from '../database/database.ts';
import { isDirty } from './changes.ts';
import { linkNameOf } from './link-names.ts';
import type { Node } from './node.ts';
import { PauseTable } from './pause-table.ts';
import { forgive } from './send-failure.ts';
import type { Tree } from './tree.ts';

/** What people may ask of the uploads of a cache. Paths are those of `PendingChange`; a directory stands for all that waits below it. */
export interface Uploads {
  /** Until when nothing is sent, in milliseconds since the epoch: `Infinity` without an end, 0 while nothing is paused. */
  readonly pausedUntil: number;
  /** Sends nothing until then, also over a restart. A large upload under way is broken off, and goes on later where the service can. @default until `resume` */
  pause(until?: number): void;
  /** Ends a pause. */
  resume(): void;
  /** Sends at once what failed, was held, or waits for its delay. Says how many changes that are. */
  retry(path: string): number;
  /** Holds what would be sent of files' contents until `retry`, also over a restart and over further changes; the data stays here. Says how many files. */
  hold(path: string): number;
  /** Puts what waits before everything else, without its delay; a held file stays held. Forgotten at a restart. Says how many changes. */
  prioritise(path: string): number;
}

/** Whom an `UploadControl` tells. */
export interface UploadControlWires {
  /** Other changes may be sent now than before. */
  changed: () => void;
  /** A person tries again: an account that was full may have room now. */
  triedAgain: () => void;
}

/** Keeps what people asked of the uploads; the uploader follows it. */
export class UploadControl implements Uploads {
  readonly #tree: Tree;
  readonly #pauses: PauseTable;
  readonly #wires: UploadControlWires;
  readonly #first = new Set<Node>();
  #until: number;

  constructor(tree: Tree, database: Database, wires: UploadControlWires) {
    this.#tree = tree;
    this.#pauses = new PauseTable(database);
    this.#wires = wires;
    this.#until = this.#pauses.load();
  }

  get pausedUntil(): number {
    return this.#until > Date.now() ? this.#until : 0;
  }

  pause(until: number = Infinity): void {
    if (Number.isNaN(until) || until <= 0) throw new RangeError(`a pause ends at a time, not at ${until}`);
    this.#pauses.save(until);
    this.#until = until;
    for (const node of this.#tree.dirty) if (node.sending) node.cancelUpload?.();
    this.#wires.changed();
  }

  resume(): void {
    this.#pauses.save(0);
    this.#until = 0;
    this.#wires.changed();
  }

  retry(path: string): number {
    const nodes = this.#waitingAt(path);
    this.#tree.transaction(() => {
      for (const node of nodes) this.#release(node);
    });
    if (nodes.length > 0) this.#wires.triedAgain();
    return this.#putFirst(nodes);
  }

  hold(path: string): number {
    const nodes = this.#waitingAt(path).filter((node) => node.contentDirty && node.parent !== null);
    this.#tree.transaction(() => {
      for (const node of nodes) {
        node.held = true;
        this.#tree.save(node);
      }
    });
    for (const node of nodes) {
      this.#first.delete(node);
      if (node.sending) node.cancelUpload?.();
    }
    this.#wires.changed();
    return nodes.length;
  }

  prioritise(path: string): number {
    return this.#putFirst(this.#waitingAt(path).filter(({ held }) => !held));
  }

  /** Whether it is sent before everything else. */
  isFirst(node: Node): boolean {
    return this.#first.has(node);
  }

  /** Nothing runs on the node any more: what is sent needs no orders. */
  settled(node: Node): void {
    if (isDirty(node)) return;
    this.#first.delete(node);
    this.#release(node);
  }

  #release(node: Node): void {
    if (!node.held) return;
    node.held = false;
    this.#tree.save(node);
  }

  #putFirst(nodes: readonly Node[]): number {
    for (const node of nodes) {
      this.#first.add(node);
      forgive(node);
    }
    this.#wires.changed();
    return nodes.length;
  }

  #waitingAt(path: string): Node[] {
    const below = path === '/' ? '/' : `${path}/`;
    return [...this.#tree.dirty].filter((node) => {
      const at = this.#tree.pathOf(node);
      const shown = node.link ? linkNameOf(at) : at;
      return isDirty(node) && (shown === path || at.startsWith(below));
    });
  }
}
