import { StoreError } from '../store/errors.ts';
import { bytesSource } from '../store/source.ts';
import type { Node } from './node.ts';
import { Interest } from './arrival.ts';
import type { FetchOptions } from './fetcher.ts';
import type { ContentAccess } from './content-change.ts';
import type { Ranges } from './ranges.ts';

const blockBytes = 1 << 20;
/** So much is fetched in advance, and again so much when half of it was read: here it is known how far will be read. */
const aheadBytes = 32 << 20;

/** Streams a content of one version; replacing the file meanwhile does not disturb what is here of it. */
export class ContentReader {
  readonly #access: ContentAccess;

  constructor(access: ContentAccess) {
    this.#access = access;
  }

  /** The bytes of `[offset, end)` as they are now. The content is held until they were iterated, or the signal aborts. */
  read(node: Node, offset: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    if (offset >= end) return bytesSource(new Uint8Array(0)).stream();
    const { holder } = this.#access;
    const content = this.#acquire(node);
    const version: Version = { content, number: node.contentVersion, present: node.present };
    node.opens++;
    const interest = new Interest();
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      this.#access.fetcher.abandon(interest);
      signal?.removeEventListener('abort', release);
      node.opens--;
      holder.contents.release(version.content);
      holder.settle(node);
    };
    signal?.addEventListener('abort', release, { once: true });
    return this.#stream(node, version, { offset, end, interest, signal }, release);
  }

  async *#stream(node: Node, version: Version, reading: Reading, release: () => void): AsyncGenerator<Uint8Array> {
    const { offset, end, signal } = reading;
    let ahead = offset;
    try {
      for (let at = offset; at < end; ) {
        signal?.throwIfAborted();
        const to = Math.min(end, at + blockBytes);
        if (ahead - at < this.#lead / 2) ahead = Math.min(end, at + this.#lead);
        while (this.#lacks(node, version)) {
          await this.#fetch(node, at, to, { ...reading, ahead });
          if (node.content === version.content) break;
        }
        const block = new Uint8Array(to - at);
        const length = this.#readFrom(node, version.content, block, at);
        this.#access.holder.direct.look(node);
        assertReadable(node, version, at, to);
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

  /** Whether bytes of what is read may have to be fetched. */
  #lacks(node: Node, version: Version): boolean {
    this.#follow(node, version);
    return node.content === version.content && node.present !== null;
  }

  /** The same version may have got another data file, because there was no room for what was read of it. */
  #follow(node: Node, version: Version): void {
    const isSame = node.contentVersion === version.number && node.synced !== null && !node.contentDirty;
    if (node.content === version.content || version.present === null || !isSame) return;
    const content = this.#acquire(node);
    this.#access.holder.contents.release(version.content);
    version.content = content;
    version.present = node.present;
  }

  /** A data file that is not to be had is replaced, as far as the store has its bytes. */
  #acquire(node: Node): number {
    const { holder, quarantine } = this.#access;
    const content = holder.ensure(node);
    try {
      holder.contents.acquire(content);
      return content;
    } catch (error) {
      quarantine.refuse(node, content, error);
    }
    const fresh = holder.ensure(node);
    holder.contents.acquire(fresh);
    return fresh;
  }

  #readFrom(node: Node, content: number, block: Uint8Array, at: number): number {
    try {
      return this.#access.holder.contents.read(content, block, at);
    } catch (error) {
      this.#access.quarantine.refuse(node, content, error);
      throw new StoreError('Unavailable', {
        operation: 'read',
        message: 'a damaged file is fetched anew',
        cause: error,
      });
    }
  }

  get #lead(): number {
    return Math.min(aheadBytes, this.#access.readAhead);
  }

  async #fetch(
    node: Node,
    at: number,
    to: number,
    options: FetchOptions & { readonly interest: Interest },
  ): Promise<void> {
    const { fetcher } = this.#access;
    const { ahead = to, interest, signal } = options;
    if (node.present?.covers(at, to) === false) await fetcher.fetch(node, at, to, options);
    else fetcher.prefetch(node, to, ahead, interest);
    signal?.throwIfAborted();
  }
}

/** What is read, and for whom. */
interface Reading {
  readonly offset: number;
  readonly end: number;
  readonly interest: Interest;
  readonly signal: AbortSignal | undefined;
}

/** What a stream began with. */
interface Version {
  content: number;
  readonly number: number;
  /** The ranges of that data file that are here, which may have grown; null when all of it was. */
  present: Ranges | null;
}

/** Throws unless the data file has these bytes of the version: it was not written into, and nothing of it was still missing when it was replaced. */
function assertReadable(node: Node, version: Version, at: number, to: number): void {
  const isHere = node.content === version.content ? node.present : version.present;
  const isSame = node.content !== version.content || node.contentVersion === version.number;
  const isKept = isSame && isHere?.covers(at, to) !== false;
  if (!isKept)
    throw new StoreError('Unavailable', { operation: 'read', message: 'the file was changed while it was read' });
}
