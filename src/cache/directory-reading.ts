import type { GrowingListing } from './growing-listing.ts';
import { linkSuffix } from './link-names.ts';
import type { Node } from './node.ts';
import type { NodeListing } from './node-tree.ts';
import type { Tree } from './tree.ts';

/**
 * One reading of a directory: the names of a `GrowingListing`, and what has them by now. It goes by name, because a file that another
 * one replaced under its name is no other name, and by node where a name has gone, so that what is renamed here is not missed.
 */
export class DirectoryReading implements NodeListing {
  readonly #tree: Tree;
  readonly #directory: Node;
  readonly #listing: GrowingListing;
  readonly #seen: (node: Node) => Node;
  /** Names that have no position, and which position told them first. */
  readonly #told = new Map<string, number>();
  #names: { readonly set: Set<string>; count: number } | undefined;

  /** `seen` is called with each node that is answered. */
  constructor(tree: Tree, directory: Node, listing: GrowingListing, seen: (node: Node) => Node) {
    this.#tree = tree;
    this.#directory = directory;
    this.#listing = listing;
    this.#seen = seen;
  }

  get length(): number {
    return this.#listing.nodes.length;
  }

  get isWhole(): boolean {
    return this.#listing.isWhole;
  }

  more(): Promise<void> {
    return this.#listing.more();
  }

  at(position: number): Node | undefined {
    const node = this.#listing.nodes[position];
    const name = this.#listing.names[position];
    if (node === undefined || name === undefined) return undefined;
    const isHere = node.parent === this.#directory.id;
    if (isHere && node.shownName === name) return this.#seen(node);
    const found = this.#standing(name) ?? (isHere && this.#isNews(node.shownName, position) ? node : undefined);
    return found === undefined ? undefined : this.#seen(found);
  }

  /** What the directory shows under a name now. */
  #standing(name: string): Node | undefined {
    const children = this.#tree.children(this.#directory);
    return [children.get(name), children.get(name + linkSuffix)].find((node) => node?.shownName === name);
  }

  /** Whether no other position tells a name, or has told it of another file. */
  #isNews(name: string, position: number): boolean {
    if (this.#has(name)) return false;
    const first = this.#told.get(name) ?? position;
    this.#told.set(name, first);
    return first === position;
  }

  /** Whether a name has a position. */
  #has(name: string): boolean {
    const { names } = this.#listing;
    this.#names ??= { set: new Set(), count: 0 };
    while (this.#names.count < names.length) this.#names.set.add(names[this.#names.count++] as string);
    return this.#names.set.has(name);
  }
}
