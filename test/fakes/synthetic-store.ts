import { MemoryStore } from '../../src/providers/memory/memory-store.ts';
import { StoreError } from '../../src/store/errors.ts';
import { rangeOf } from '../../src/store/range.ts';
import type { Download, Entry, FileEntry, ReadOptions } from '../../src/store/store.ts';

const chunkBytes = 1 << 16;

/** A store with one file, `/big`, whose bytes are made when they are read, so that it may be larger than memory. */
export class SyntheticStore extends MemoryStore {
  readonly size: number;
  /** The content; another version has other bytes at every position. */
  version = 1;
  /** Every range that was asked for. */
  readonly ranges: { start: number; end: number }[] = [];
  /** Bytes that were delivered. */
  delivered = 0;
  /** The largest number of bodies that were open at the same time. */
  mostAtOnce = 0;
  #open = 0;

  /** Bodies that are being read now. */
  get openNow(): number {
    return this.#open;
  }

  constructor(size: number) {
    super();
    this.size = size;
  }

  /** The bytes of a range of a version. */
  static bytes(start: number, length: number, version = 1): Buffer {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = Math.imul(start + i + version * 7919, 0x9e3779b1) >>> 24;
    return bytes;
  }

  #entry(): FileEntry {
    return { kind: 'file', path: '/big', size: this.size, modified: this.version, revision: `v${this.version}` };
  }

  override async stat(path: string): Promise<Entry> {
    return path === '/big' ? this.#entry() : super.stat(path);
  }

  override async *list(): AsyncGenerator<Entry> {
    yield this.#entry();
  }

  override async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const entry = this.#entry();
    if (options.ifRevision !== undefined && options.ifRevision !== entry.revision)
      throw new StoreError('Conflict', { operation: 'read', path });
    const { start, end } = rangeOf(options, this.size);
    this.ranges.push({ start, end });
    return { entry, body: this.#body(start, end, this.version, options.signal) };
  }

  async *#body(start: number, end: number, version: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    try {
      for (let at = start; at < end; at += chunkBytes) {
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        const chunk = SyntheticStore.bytes(at, Math.min(chunkBytes, end - at), version);
        this.delivered += chunk.length;
        yield chunk;
      }
    } finally {
      this.#open--;
    }
  }
}
