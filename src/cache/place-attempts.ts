import type { Node } from './node.ts';
import type { Tree } from './tree.ts';

const most = 3;

/**
 * How often a file was not found at the place where the store was known to have it. While it is moved there, in several steps perhaps,
 * it is not where it was; who looked for it at a place that it has left meanwhile looks again.
 */
export class PlaceAttempts {
  readonly #tree: Tree;
  readonly #node: Node;
  #path: string | undefined;
  #failed = 0;

  constructor(tree: Tree, node: Node) {
    this.#tree = tree;
    this.#node = node;
    this.#path = this.#currentPath();
  }

  /** It was not found, and the store was asked again where it is. Answers whether to look for it again. */
  again(): boolean {
    const path = this.#currentPath();
    this.#failed = path === this.#path ? this.#failed + 1 : 0;
    this.#path = path;
    return path !== undefined && this.#failed < most;
  }

  #currentPath(): string | undefined {
    const { synced } = this.#node;
    return synced !== null && this.#tree.isReachable(synced.parent) ? this.#tree.syncedPathOf(this.#node) : undefined;
  }
}
