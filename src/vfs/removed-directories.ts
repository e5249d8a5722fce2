import { mapAnswer } from '../cache/map-answer.ts';
import type { NodeTree, TreeNode } from '../cache/node-tree.ts';
import type { Answer } from '../fuse/file-system.ts';

/**
 * Directories that were removed while the kernel knows them. The tree keeps each until the kernel forgets it, so that whoever
 * has one open, or stands in it, finds it empty and without a name, as rmdir(2) wants it, and not stale.
 */
export class RemovedDirectories {
  readonly #tree: NodeTree;
  readonly #kept = new Map<number, () => void>();

  constructor(tree: NodeTree) {
    this.#tree = tree;
  }

  /** Runs a change that may take away the directory called `name`. Throws what `change` throws. */
  whileRemoving(directory: number, name: string, change: () => Answer<void>): Answer<void> {
    return mapAnswer(this.#tree.lookup(directory, name), (node) =>
      node?.kind === 'directory' ? this.#keep(node, change) : change(),
    );
  }

  /** The kernel does not know this node any more. */
  forget(id: number): void {
    this.#kept.get(id)?.();
    this.#kept.delete(id);
  }

  /** Lets all of them go. */
  close(): void {
    for (const id of this.#kept.keys()) this.forget(id);
  }

  #keep(node: TreeNode, change: () => Answer<void>): Answer<void> {
    const letGo = this.#tree.keep(node.id);
    const settle = (): void => {
      if (node.parent === null) this.#kept.set(node.id, letGo);
      else letGo();
    };
    try {
      const answer = change();
      if (answer instanceof Promise) return answer.finally(settle);
      settle();
    } catch (error) {
      letGo();
      throw error;
    }
    return undefined;
  }
}
