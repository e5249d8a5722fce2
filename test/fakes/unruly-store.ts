import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryStore } from '../../src/providers/memory/memory-store.ts';
import { StoreError } from '../../src/store/errors.ts';
import type {
  CallOptions,
  Capabilities,
  Download,
  Entry,
  FileEntry,
  ReadOptions,
  Source,
  WriteOptions,
} from '../../src/store/store.ts';

/** A store for a thread, which does by the name of a path what stores rarely do. */
export class UnrulyStore extends MemoryStore {
  /** What was done, for `figures`. */
  readonly done: { chunks: number; entries: number; streams: number; left: number; calls: number } = {
    chunks: 0,
    entries: 0,
    streams: 0,
    left: 0,
    calls: 0,
  };
  override capabilities: Capabilities = new MemoryStore().capabilities;

  override async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    this.done.calls++;
    switch (path) {
      case '/throws/store-error':
        throw new StoreError('RateLimited', {
          operation: 'stat',
          path,
          store: 'inner',
          message: 'too many',
          retryAfter: 1234,
          cause: Object.assign(new Error('why', { cause: 'deeper' }), { code: 'ETIMEDOUT' }),
        });
      case '/throws/error':
        throw Object.assign(new RangeError('odd'), { code: 'EODD', self: process });
      case '/throws/value':
        throw 'only a text'; // oxlint-disable-line no-throw-literal
      case '/exits':
        return process.exit(3);
      case '/crashes':
        setTimeout(() => {
          throw new Error('nobody catches this');
        });
        return new Promise<never>(() => undefined);
      case '/learns':
        this.capabilities = { ...this.capabilities, refusedNames: /^aux$/i };
        return super.stat('/');
      case '/wraps':
        await sleep(3_600_000, undefined, { signal: options.signal }).catch((error: unknown) => {
          throw new StoreError('Unavailable', { path, cause: options.signal?.aborted ? options.signal.reason : error });
        });
        return super.stat('/');
      default:
        return super.stat(path, options);
    }
  }

  override async *list(): AsyncGenerator<Entry> {
    try {
      for (let i = 0; ; i++) {
        this.done.entries++;
        yield { kind: 'directory', path: `/${i}` };
      }
    } finally {
      this.done.left++;
    }
  }

  override async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const entry: FileEntry = { kind: 'file', path, size: 2 ** 40, modified: 0 };
    return { entry, body: this.#body(path, options) };
  }

  async *#body(path: string, { signal }: ReadOptions): AsyncGenerator<Uint8Array> {
    try {
      for (let i = 0; ; i++) {
        signal?.throwIfAborted();
        if (path === '/cut' && i === 3) throw new StoreError('Corrupt', { path });
        if (path === '/stops' && i === 3) await new Promise(() => undefined);
        this.done.chunks++;
        yield new Uint8Array(path === '/large' ? 100_000 : 10).fill(i);
      }
    } finally {
      this.done.left++;
    }
  }

  override async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    if (path === '/saves') {
      for (let i = 0; i < 5; i++) options.resume?.save(`${options.resume.saved} ${options.resume.obsolete} ${i}`);
      options.resume?.save(undefined);
      await sleep(0);
      options.signal?.throwIfAborted();
      return super.write(path, source);
    }
    if (path === '/halves') {
      const half = source.size >> 1;
      let content = '';
      for (const part of [source.slice(half, source.size), source.slice(0, half), source.slice(1, 3).slice(1, 9)])
        for await (const chunk of part.stream()) content += Buffer.from(chunk).toString();
      return super.write(`/halves-${content}`, source, options);
    }
    if (path === '/peeks') {
      for await (const _ of source.stream()) break;
      this.done.streams++;
    }
    return super.write(path, source, options);
  }
}
