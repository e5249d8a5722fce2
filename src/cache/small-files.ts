import { isStoreError } from '../store/errors.ts';
import { isLive } from './changes.ts';
import type { Contents } from './contents.ts';
import type { Node } from './node.ts';
import type { Tree } from './tree.ts';
import { nextTurn } from './turns.ts';
import { isUnreadable } from './unreadable.ts';

/** So many are moved in one commit, which takes a millisecond or two. */
const batch = 16;
/** So many are moved before their data files are free for others. */
const mostAtOnce = 128;
/** Fewer wait for others so long, in milliseconds. */
const patience = 50;

/**
 * New files that turned out small. Each got a data file when it was made, because a program may write it past the cache; but making
 * one costs the disk more than all else. So when the file is closed its content goes into the database, or nowhere if it
 * stayed empty, and the data file to the next new file.
 *
 * The crash story: the row, with the content in the database, is durable before the data file gets another number
 * (`Contents.recycle`). Until then the data file has the very same bytes, whatever row a power cut leaves.
 */
export class SmallFiles {
  readonly #tree: Tree;
  readonly #contents: Contents;
  readonly #closed = new Set<Node>();
  #isWorking = false;
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(tree: Tree, contents: Contents) {
    this.#tree = tree;
    this.#contents = contents;
  }

  /** Nobody uses a file any more. */
  closed(node: Node): void {
    if (this.#isEnded || !this.#isSmall(node)) return;
    this.#closed.add(node);
    if (this.#closed.size >= batch) this.#wake();
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#work().finally(() => (this.#isWorking = false));
  }

  /** What was not moved keeps its data file. */
  close(): void {
    this.#isEnded = true;
    this.#closed.clear();
    this.#wake();
  }

  async #work(): Promise<void> {
    while (this.#closed.size > 0 && !this.#isEnded) {
      await this.#enough();
      const free = await this.#moveAll();
      if (free.length === 0 || !(await this.#isDurable())) continue;
      for (const content of free) {
        if (this.#isEnded) return;
        this.#contents.recycle(content);
      }
    }
  }

  /** Resolves when there are enough for a commit, or a moment later. */
  async #enough(): Promise<void> {
    if (this.#closed.size >= batch) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, patience).unref();
    await promise;
    clearTimeout(timer);
  }

  /** Moves what is closed by now; answers the contents whose data files are not needed any more. */
  async #moveAll(): Promise<number[]> {
    const free: number[] = [];
    const nodes = [...this.#closed.values().take(mostAtOnce)];
    for (const node of nodes) this.#closed.delete(node);
    while (nodes.length > 0 && !this.#isEnded) {
      free.push(...this.#move(nodes.splice(0, batch).filter((node) => this.#isSmall(node) && isUnused(node))));
      await nextTurn();
    }
    return free;
  }

  #move(nodes: readonly Node[]): number[] {
    const before = new Map(nodes.map((node) => [node, node.content]));
    try {
      this.#tree.transaction(() => {
        for (const node of nodes) {
          const { content, size } = node;
          node.content = size === 0 ? 0 : (this.#contents.duplicateSmall(content, size) ?? content);
          if (node.content === content) before.delete(node);
          else this.#tree.table.save(node);
        }
      });
      return [...before.values()];
    } catch (error) {
      for (const [node, content] of before) node.content = content;
      // On a full disk they stay where they are; who reads one that is damaged sees to it.
      if (!isStoreError(error, 'QuotaExceeded') && !isUnreadable(error)) throw error;
      return [];
    }
  }

  /** What is committed is durable now; where the disk refuses, the data files are left until the next opening. */
  async #isDurable(): Promise<boolean> {
    try {
      await this.#tree.makeDurable();
      return true;
    } catch {
      return false;
    }
  }

  #isSmall({ content, size, present }: Node): boolean {
    return present === null && this.#contents.isTooSmall(content, size);
  }
}

function isUnused(node: Node): boolean {
  const isUsed = node.opens > 0 || node.fetching > 0 || node.sending || node.writing || node.direct !== null;
  return !isUsed && isLive(node);
}
