import type { StoreError } from '../store/errors.ts';
import { linkNameOf } from './link-names.ts';
import type { Node } from './node.ts';
import { assertName } from './node-name.ts';
import type { Answer, RenameMode } from './node-tree.ts';
import type { Tree } from './tree.ts';

/** Where a node is to go. */
export interface Place {
  readonly directory: Node;
  /** As the store is to have it. */
  readonly name: string;
  /** What is replaced there, or exchanged with. It may have another name at the store, as symbolic links do. */
  readonly standing: Node | undefined;
  /** With `exchange`: the name of `standing` where the node was. @default the node's */
  readonly nameOfStanding?: string | undefined;
}

/** Failures that are about a place. */
export type PlaceError = 'NotFound' | 'AlreadyExists' | 'IsADirectory' | 'NotADirectory' | 'NotEmpty' | 'InvalidPath';

/** What moving takes besides the tree. */
export interface MoveParts {
  /** Names that the store does not take. */
  readonly refusedNames: () => RegExp | null;
  readonly error: (code: PlaceError, directory: Node, name: string) => StoreError;
  /** Takes a node out of the tree. */
  readonly discard: (node: Node) => void;
  /** Runs work on a directory whose names are known. */
  readonly known: (directory: Node, work: () => Answer<void>) => Answer<void>;
}

/** Moves of nodes by the rules of rename(2), each one commit. */
export class TreeMoves {
  readonly #tree: Tree;
  readonly #parts: MoveParts;

  constructor(tree: Tree, parts: MoveParts) {
    this.#tree = tree;
    this.#parts = parts;
  }

  move(node: Node, place: Place, mode: RenameMode): Answer<void> {
    const { directory, name, standing } = place;
    assertName(name, this.#parts.refusedNames());
    if (mode.noReplace && standing !== undefined) throw this.#parts.error('AlreadyExists', directory, name);
    if (this.#tree.isWithin(directory, node)) throw this.#parts.error('InvalidPath', directory, name);
    if (mode.exchange) return this.#exchange(node, place);
    if (standing === node) return undefined;
    this.#assertFree(node, place);
    return standing === undefined ? this.#put(node, directory, name) : this.#replace(node, standing, directory, name);
  }

  /** What is shown under another name may still have this one at the store. */
  #assertFree(node: Node, { directory, name, standing }: Place): void {
    const children = this.#tree.children(directory);
    for (const taken of node.link ? [name, linkNameOf(name)] : [name]) {
      const holder = children.get(taken);
      if (holder !== undefined && holder !== standing && holder !== node)
        throw this.#parts.error('AlreadyExists', directory, name);
    }
  }

  #put(node: Node, directory: Node, name: string): void {
    node.changed = Date.now();
    this.#tree.relocate(node, directory, name);
  }

  #replace(node: Node, standing: Node, directory: Node, name: string): Answer<void> {
    if (standing.kind === 'directory' && node.kind === 'file') throw this.#parts.error('IsADirectory', directory, name);
    if (standing.kind === 'file' && node.kind === 'directory')
      throw this.#parts.error('NotADirectory', directory, name);
    const swap = (): void =>
      this.#tree.transaction(() => {
        this.#parts.discard(standing);
        this.#put(node, directory, name);
      });
    if (standing.kind === 'file') return swap();
    return this.#parts.known(standing, () => {
      if (this.#tree.children(standing).size > 0) throw this.#parts.error('NotEmpty', directory, name);
      swap();
    });
  }

  #exchange(node: Node, { directory, name, standing, nameOfStanding = node.name }: Place): void {
    if (standing === undefined) throw this.#parts.error('NotFound', directory, name);
    if (standing === node) return;
    const from = this.#tree.node(node.parent as number);
    if (this.#tree.isWithin(from, standing)) throw this.#parts.error('InvalidPath', from, node.name);
    const links = [node.link, standing.link] as const;
    this.#tree.transaction(() => {
      this.#tree.relocate(standing, directory, `${nameOfStanding}\0`);
      this.#put(node, directory, name);
      // Under the name aside it was none.
      [node.link, standing.link] = links;
      this.#put(standing, from, nameOfStanding);
    });
  }
}
