import { isStoreError } from '../store/errors.ts';
import { isLive } from './changes.ts';
import type { Contents } from './contents.ts';
import type { Node } from './node.ts';
import type { Tree } from './tree.ts';

/** So many are given back in one commit. */
const batch = 64;
/** Fewer wait for others so long, in milliseconds. */
const patience = 50;

/**
 * Files that were made, and closed without a byte written: their data files go to the next new files. A new file needs one at
 * once, because a program may write it past the cache; but making and deleting one for each lock or marker costs more than
 * all else.
 *
 * The crash story: the row is committed without the data file before that gets another number (`Contents.recycle`). Until then
 * the row names a data file that is as empty as the file.
 */
export class UnwrittenFiles {
  readonly #tree: Tree;
  readonly #contents: Contents;
  readonly #closed = new Set<Node>();
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(tree: Tree, contents: Contents) {
    this.#tree = tree;
    this.#contents = contents;
  }

  /** Nobody uses an empty file any more. */
  closed(node: Node): void {
    if (this.#isEnded) return;
    this.#closed.add(node);
    if (this.#closed.size === batch) setImmediate(() => this.#giveBack());
    else this.#timer ??= setTimeout(() => this.#giveBack(), patience).unref();
  }

  /** What was not given back keeps its data file. */
  close(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#closed.clear();
  }

  #giveBack(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const nodes = [...this.#closed].filter(isUnused);
    this.#closed.clear();
    if (nodes.length === 0) return;
    try {
      this.#tree.transaction(() => nodes.forEach((node) => this.#take(node)));
    } catch (error) {
      // On a full disk the rows go on naming data files that are empty, which is as true.
      if (!isStoreError(error, 'QuotaExceeded')) throw error;
    }
  }

  #take(node: Node): void {
    const { content } = node;
    node.content = 0;
    this.#tree.table.save(node);
    this.#tree.afterCommit(() => this.#contents.recycle(content));
  }
}

function isUnused(node: Node): boolean {
  const isEmpty = node.content !== 0 && node.size === 0 && node.present === null;
  const isUsed = node.opens > 0 || node.fetching > 0 || node.sending || node.writing || node.direct !== null;
  return isEmpty && !isUsed && isLive(node);
}
