import type { Contents } from './contents.ts';
import type { Node } from './node.ts';

/** Bytes for which a writer may wait for the disk with everybody else waiting: some tenths of a second at worst. */
const mostAtOnce = 16 << 20;

/** That what is here of a node is on the disk, or on its way there. */
interface Keeping {
  readonly content: number;
  readonly version: number;
  /** Undefined when it is there. */
  wait: Promise<void> | undefined;
}

/**
 * Brings what the store has to the disk before it is changed here. A power cut takes bytes that were fetched a moment ago; the rest of a changed
 * file would then be zeros, and be sent as if somebody had written them.
 */
export class KeptContents {
  readonly #contents: Contents;
  readonly #large = new WeakMap<Node, Keeping>();

  constructor(contents: Contents) {
    this.#contents = contents;
  }

  /** Keeps a small content before it returns. Large ones are kept by `keepLarge`. */
  keep(node: Node): void {
    if (node.content !== 0 && !this.#isLarge(node)) this.#contents.syncNow(node.content);
  }

  /**
   * Keeps a large content of which nothing was changed yet. Undefined: there is nothing to wait for. Rejects with the error of the file system;
   * then the file must not be changed.
   */
  keepLarge(node: Node): Promise<void> | undefined {
    const { content, contentVersion: version, contentDirty } = node;
    if (contentDirty || content === 0 || !this.#isLarge(node)) return undefined;
    let keeping = this.#large.get(node);
    if (keeping?.content !== content || keeping.version !== version) {
      keeping = { content, version, wait: undefined };
      this.#large.set(node, keeping);
      keeping.wait = this.#sync(node, keeping);
    }
    return keeping.wait;
  }

  async #sync(node: Node, keeping: Keeping): Promise<void> {
    try {
      await this.#contents.sync(keeping.content);
      keeping.wait = undefined;
    } catch (error) {
      this.#large.delete(node);
      throw error;
    }
  }

  #isLarge({ content }: Node): boolean {
    return (this.#contents.inspect(content)?.onDisk ?? 0) > mostAtOnce;
  }
}
