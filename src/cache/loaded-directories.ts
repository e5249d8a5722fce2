import { GrowingListing } from './growing-listing.ts';
import type { LoadedNodes } from './loaded-nodes.ts';
import type { Node } from './node.ts';
import type { NodeTable } from './node-table.ts';
import { nextTurn } from './turns.ts';
import { type NodeLimits, Unloading, type UnloadingParts } from './unloading.ts';

/** Rows read at a time: some milliseconds. */
const rowsAtOnce = 1000;
/** A node takes some 500 bytes. */
const usualLimits: NodeLimits = { most: 60_000, fewer: 30_000 };

/** What `LoadedDirectories` must know of nodes, and what it asks for. */
export interface LoadedDirectoriesParts extends Pick<UnloadingParts, 'isNeeded' | 'saveTimes'> {
  readonly limits?: NodeLimits;
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
  /** Least recently looked into first. */
  readonly #loaded = new Set<Node>();
  readonly #loading = new Map<Node, Loading>();
  #latest: Node | undefined;
  readonly #unloading: Unloading;

  constructor(table: NodeTable, nodes: LoadedNodes, parts: LoadedDirectoriesParts) {
    this.#table = table;
    this.#nodes = nodes;
    this.#unloading = new Unloading({
      limits: usualLimits,
      ...parts,
      nodes,
      unload: () => this.#unload(),
      isShown: (node) => this.#isShown(node),
    });
  }

  /** The children by name, now, whatever reading them costs. */
  children(directory: Node): Map<string, Node> {
    this.#look(directory);
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
    this.#look(directory);
    if (directory.children !== null) return GrowingListing.of(directory.children.values());
    const { listing } = this.#begin(directory);
    this.load(directory)?.catch(() => undefined);
    return listing;
  }

  /** Keeps a new node; a directory is empty. */
  hold(node: Node): void {
    this.#nodes.hold(node);
    if (node.kind === 'directory') this.#finish(node, new Map());
    else this.#unloading.check();
  }

  /** Nothing is unloaded any more. */
  close(): void {
    this.#unloading.close();
  }

  #look(directory: Node): void {
    if (directory === this.#latest) return;
    this.#latest = directory;
    if (this.#loaded.delete(directory)) this.#loaded.add(directory);
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
    this.#loaded.add(directory);
    this.#look(directory);
    this.#unloading.check();
  }

  /** All but the one that was looked into last: somebody may be going through it. */
  *#unload(): Generator<ReadonlyMap<string, Node>> {
    let left = this.#loaded.size;
    for (const directory of this.#loaded) {
      if (left-- <= 1 || directory === this.#latest) return;
      this.#loaded.delete(directory);
      const { children } = directory;
      directory.children = null;
      if (children !== null) yield children;
    }
  }

  #isShown(node: Node): boolean {
    const parent = node.parent === null ? undefined : this.#nodes.get(node.parent);
    return parent !== undefined && (parent.children?.get(node.name) === node || this.#loading.has(parent));
  }
}
