import { StoreError } from '../store/errors.ts';
import type { Node } from './node.ts';
import type { ContentAccess } from './open-content.ts';

const blockBytes = 1 << 20;

/** Streams a content of one version; replacing the file meanwhile does not disturb it. */
export class ContentReader {
  readonly #access: ContentAccess;

  constructor(access: ContentAccess) {
    this.#access = access;
  }

  /** The bytes of `[offset, end)` as they are now. The content is held until they were iterated, or the signal aborts. */
  read(node: Node, offset: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const { holder } = this.#access;
    const content = holder.ensure(node);
    holder.contents.acquire(content);
    node.opens++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      signal?.removeEventListener('abort', release);
      node.opens--;
      holder.contents.release(content);
      holder.settle(node);
    };
    signal?.addEventListener('abort', release, { once: true });
    return this.#stream(node, content, offset, end, release, signal);
  }

  async *#stream(
    node: Node,
    content: number,
    offset: number,
    end: number,
    release: () => void,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      for (let at = offset; at < end; ) {
        signal?.throwIfAborted();
        const to = Math.min(end, at + blockBytes);
        if (node.content === content && node.present !== null) await this.#fetch(node, content, at, to, end, signal);
        const block = new Uint8Array(to - at);
        const length = this.#access.holder.contents.read(content, block, at);
        if (length === 0)
          throw new StoreError('Corrupt', { operation: 'read', message: 'the file became shorter while it was read' });
        yield block.subarray(0, length);
        at += length;
      }
      signal?.throwIfAborted();
    } finally {
      release();
    }
  }

  async #fetch(node: Node, content: number, at: number, to: number, end: number, signal?: AbortSignal): Promise<void> {
    const fetched = this.#access.fetcher.fetch(node, at, to, signal);
    this.#access.fetcher.prefetch(node, to, Math.min(end, to + 4 * blockBytes));
    await fetched;
    signal?.throwIfAborted();
    if (node.content !== content)
      throw new StoreError('Unavailable', { operation: 'read', message: 'the file was replaced while it was read' });
  }
}
