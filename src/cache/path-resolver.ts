import { isStoreError, StoreError } from '../store/errors.ts';
import { parentOf, segmentsOf } from '../store/path.ts';
import type { CacheTree } from './cache-tree.ts';
import type { Node } from './node.ts';
import type { Ownership, TreeNode } from './node-tree.ts';
import type { Tree } from './tree.ts';

/** From paths to nodes, for those who come by path. */
export class PathResolver {
  readonly #cacheTree: CacheTree;
  readonly #tree: Tree;
  readonly #ownership: Ownership;

  /** `ownership`: what directories get that are made on the way. */
  constructor(cacheTree: CacheTree, tree: Tree, ownership: Ownership) {
    this.#cacheTree = cacheTree;
    this.#tree = tree;
    this.#ownership = ownership;
  }

  /** The node at a path, or undefined. */
  async find(path: string): Promise<Node | undefined> {
    let node = this.#tree.root;
    for (const name of segmentsOf(path)) {
      if (node.kind === 'file' || this.#tree.find(node.id) === undefined) return undefined;
      const next = await this.#cacheTree.lookup(node.id, name);
      if (next === undefined) return undefined;
      node = this.#tree.node(next.id);
    }
    return node;
  }

  /** The directory that holds `path`, made with all above it where missing. Throws `NotADirectory`. */
  async makeParent(path: string, operation: string): Promise<Node> {
    let directory = this.#tree.root;
    for (const name of segmentsOf(parentOf(path))) {
      const next = await this.#findOrMake(directory, name);
      if (next.kind === 'file')
        throw new StoreError('NotADirectory', { operation, path, store: 'cache', message: 'a parent is a file' });
      directory = this.#tree.node(next.id);
    }
    return directory;
  }

  async #findOrMake(directory: Node, name: string): Promise<TreeNode> {
    // Another caller may make it, or remove the directory, between any two of these steps.
    for (;;) {
      const found = await this.#cacheTree.lookup(directory.id, name);
      if (found !== undefined) return found;
      try {
        return await this.#cacheTree.makeDirectory(directory.id, name, this.#ownership);
      } catch (error) {
        if (!isStoreError(error, 'AlreadyExists')) throw error;
      }
    }
  }
}
