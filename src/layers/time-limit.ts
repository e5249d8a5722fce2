import type {
  CallOptions,
  Capabilities,
  Changes,
  ChangesOptions,
  DeleteOptions,
  Download,
  Entry,
  FileEntry,
  KnownEntry,
  ListOptions,
  Metadata,
  ReadOptions,
  SetMetadataOptions,
  Source,
  Store,
  TransferOptions,
  Usage,
  WriteOptions,
} from '../store/store.ts';
import { timedOut } from '../store/timed-out.ts';
import { AnswerWait } from './answer-wait.ts';

/**
 * Nobody waits for longer than so many milliseconds for what a store has: `stat`, `usage`, `changes` (beyond its own `wait`), the next entry of a quick `list`, the beginning of
 * a `read` and its next bytes then fail with `Unavailable`, of which `isTimedOut` knows why, and are given up below. What takes long and
 * goes on is not ended. Changes, and listings that are not `quick`, have no limit: they may take what they need.
 */
export function withTimeLimit(store: Store, milliseconds: number): Store {
  if (!(milliseconds > 0)) throw new RangeError('a time limit is longer than nothing');
  return new TimeLimitedStore(store, milliseconds);
}

class TimeLimitedStore implements Store {
  readonly name: string;
  readonly #store: Store;
  readonly #milliseconds: number;

  constructor(store: Store, milliseconds: number) {
    this.name = `limit(${store.name})`;
    this.#store = store;
    this.#milliseconds = milliseconds;
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities;
  }

  stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return this.#ask('stat', path, options, (limited) => this.#store.stat(path, limited));
  }

  list(path: string, options: ListOptions = {}): AsyncIterable<Entry> {
    if (options.quick !== true) return this.#store.list(path, options);
    return { [Symbol.asyncIterator]: () => this.#list(path, options) };
  }

  #list(path: string, options: ListOptions): AsyncIterator<Entry> {
    const wait = this.#wait('list', path, options);
    return limitedParts(this.#store.list(path, { ...options, signal: wait.signal }), wait);
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const wait = this.#wait('read', path, options);
    try {
      const { entry, body } = await wait.for(this.#store.read(path, { ...options, signal: wait.signal }));
      return { entry, body: { [Symbol.asyncIterator]: () => limitedParts(body, wait) } };
    } catch (error) {
      wait.end();
      throw error;
    }
  }

  write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    return this.#store.write(path, source, options);
  }

  setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#store.setMetadata(path, metadata, options);
  }

  makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    return this.#store.makeDirectory(path, options);
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    return this.#store.delete(path, options);
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return this.#store.deleteAll(entries, options);
  }

  copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#store.copy(from, to, options);
  }

  move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#store.move(from, to, options);
  }

  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#ask('usage', undefined, options, (limited) => this.#store.usage(limited));
  }

  async changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    const milliseconds = this.#milliseconds + (options.wait ?? 0);
    return await this.#ask(
      'changes',
      undefined,
      options,
      (limited) => this.#store.changes(since, limited),
      milliseconds,
    );
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #ask<T, O extends CallOptions>(
    operation: string,
    path: string | undefined,
    options: O,
    work: (limited: O) => Promise<T>,
    milliseconds: number = this.#milliseconds,
  ): Promise<T> {
    const wait = this.#wait(operation, path, options, milliseconds);
    try {
      return await wait.for(work({ ...options, signal: wait.signal }));
    } finally {
      wait.end();
    }
  }

  #wait(
    operation: string,
    path: string | undefined,
    { signal }: CallOptions,
    milliseconds: number = this.#milliseconds,
  ): AnswerWait {
    const reason = (): Error => timedOut(milliseconds, { operation, path, store: this.name });
    return new AnswerWait(milliseconds, reason, signal);
  }
}

/** The parts of an answer, each waited for as `wait` does. An iterator of its own and no generator: listings are long. */
function limitedParts<T>(parts: AsyncIterable<T>, wait: AnswerWait): AsyncIterableIterator<T> {
  const iterator = parts[Symbol.asyncIterator]();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    wait.end();
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        const step = await wait.for(iterator.next());
        if (step.done === true) end();
        return step;
      } catch (error) {
        end();
        // One that is suspended in an await answers `return` only afterwards, perhaps never; the first error is what counts.
        iterator.return?.().catch(() => undefined);
        throw error;
      }
    },
    async return() {
      if (!isOver) {
        end();
        await iterator.return?.();
      }
      return { done: true, value: undefined };
    },
  };
}
