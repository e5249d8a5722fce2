import { GrowingListing } from './growing-listing.ts';
import type { LoadedNodes } from './loaded-nodes.ts';
import type { Node } from './node.ts';
import type { NodeTable } from './node-table.ts';
import { nextTurn } from './turns.ts';

/** Rows read at a time: some milliseconds. */
const rowsAtOnce = 1000;
/** A node takes some 500 bytes. */
const usualLimits: NodeLimits = { most: 100_000, fewer: 60_000 };

/** How many nodes are in memory. */
export interface NodeLimits {
  /** With more, directories that nobody looked into lately are unloaded, */
  readonly most: number;
  /** until so many are left. */
  readonly fewer: number;
}

/** What `LoadedDirectories` must know of nodes, and what it asks for. */
export interface LoadedDirectoriesParts {
  /** Whether a node carries what its row does not tell. */
  readonly isNeeded: (node: Node) => boolean;
  /** Commits what is needed only because of its times. */
  readonly saveTimes: () => void;
  readonly limits?: NodeLimits | undefined;
}

/** A directory whose children are being read: what is there so far, up to the number `last`. */
interface Loading {
  readonly children: Map<string, Node>;
  readonly listing: GrowingListing;
  last: number;
  done: Promise<void> | undefined;
}

/**
 * Which directories have their children in memory. They are read when somebody looks into one, and unloaded, least recently looked
 * into first, when there are too many: rows tell everything that is not in use.
 */
export class LoadedDirectories {
  readonly #table: NodeTable;
  readonly #nodes: LoadedNodes;
  readonly #parts: LoadedDirectoriesParts;
  readonly #limits: NodeLimits;
  readonly #loaded = new Set<Node>();
  readonly #loading = new Map<Node, Loading>();
  #looks = 0;
  #trimming = false;

  constructor(table: NodeTable, nodes: LoadedNodes, parts: LoadedDirectoriesParts) {
    this.#table = table;
    this.#nodes = nodes;
    this.#parts = parts;
    this.#limits = parts.limits ?? usualLimits;
  }

  /** The children by name, now, whatever reading them costs. */
  children(directory: Node): Map<string, Node> {
    directory.lookedAt = ++this.#looks;
    if (directory.children !== null) return directory.children;
    const loading = this.#begin(directory);
    while (this.#readOn(directory, loading));
    return loading.children;
  }

  /** Reads the children in pieces, between which others get their turn; undefined when they are here, or few. */
  load(directory: Node): Promise<void> | undefined {
    if (directory.children !== null) return undefined;
    const loading = this.#begin(directory);
    if (loading.done === undefined && !this.#readOn(directory, loading)) return undefined;
    loading.done ??= this.#readRest(directory, loading);
    return loading.done;
  }

  /** The children as they are read: all, or the first of them. */
  read(directory: Node): GrowingListing {
    directory.lookedAt = ++this.#looks;
    if (directory.children !== null) return GrowingListing.of(directory.children.values());
    const { listing } = this.#begin(directory);
    this.load(directory)?.catch(() => undefined);
    return listing;
  }

  /** A new directory, which is empty. */
  added(directory: Node): void {
    this.#finish(directory, new Map());
  }

  #begin(directory: Node): Loading {
    let loading = this.#loading.get(directory);
    if (loading === undefined) {
      loading = { children: new Map(), listing: new GrowingListing(), last: 0, done: undefined };
      this.#loading.set(directory, loading);
    }
    return loading;
  }

  async #readRest(directory: Node, loading: Loading): Promise<void> {
    do await nextTurn();
    while (this.#loading.get(directory) === loading && this.#readOn(directory, loading));
  }

  /** Reads one piece; whether there is more. */
  #readOn(directory: Node, loading: Loading): boolean {
    const nodes = this.#nextNodes(directory, loading);
    for (const node of nodes) {
      this.#nodes.hold(node);
      loading.children.set(node.name, node);
    }
    loading.last = nodes.at(-1)?.id ?? loading.last;
    const isWhole = nodes.length < rowsAtOnce;
    if (isWhole) this.#finish(directory, loading.children);
    loading.listing.add(nodes);
    if (isWhole) loading.listing.end();
    return !isWhole;
  }

  /** A database that cannot be read fails those who wait; the next who asks begins anew. */
  #nextNodes(directory: Node, { last, listing }: Loading): Node[] {
    try {
      return this.#table.children(directory.id, last, rowsAtOnce).map((row) => this.#nodes.get(row.id) ?? row);
    } catch (error) {
      this.#loading.delete(directory);
      listing.fail(error);
      throw error;
    }
  }

  #finish(directory: Node, children: Map<string, Node>): void {
    this.#loading.delete(directory);
    directory.children = children;
    directory.lookedAt = ++this.#looks;
    this.#loaded.add(directory);
    if (this.#nodes.held > this.#limits.most && !this.#trimming) {
      this.#trimming = true;
      setImmediate(() => this.#trim());
    }
  }

  /** In a turn of its own: nobody is in the middle of anything. */
  #trim(): void {
    this.#trimming = false;
    this.#parts.saveTimes();
    const eldest = [...this.#loaded].sort((a, b) => a.lookedAt - b.lookedAt);
    for (const directory of eldest.slice(0, -1)) {
      if (this.#nodes.held <= this.#limits.fewer) return;
      this.#unload(directory);
    }
  }

  #unload(directory: Node): void {
    const children = directory.children;
    if (children === null) return;
    directory.children = null;
    this.#loaded.delete(directory);
    for (const child of children.values()) if (!this.#parts.isNeeded(child)) this.#nodes.release(child);
  }
}
