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
} from './store.ts';

/** One call of a store, as its caller made it. */
export type Call =
  | { readonly operation: 'stat' | 'makeDirectory'; readonly path: string; readonly options: CallOptions }
  | { readonly operation: 'list'; readonly path: string; readonly options: ListOptions }
  | { readonly operation: 'read'; readonly path: string; readonly options: ReadOptions }
  | { readonly operation: 'write'; readonly path: string; readonly source: Source; readonly options: WriteOptions }
  | {
      readonly operation: 'setMetadata';
      readonly path: string;
      readonly metadata: Metadata;
      readonly options: SetMetadataOptions;
    }
  | { readonly operation: 'delete'; readonly path: string; readonly options: DeleteOptions }
  | {
      readonly operation: 'deleteAll';
      readonly path: undefined;
      readonly entries: readonly KnownEntry[];
      readonly options: CallOptions;
    }
  | {
      readonly operation: 'copy' | 'move';
      readonly path: string;
      readonly to: string;
      readonly options: TransferOptions;
    }
  | {
      readonly operation: 'changes';
      readonly path: undefined;
      readonly since: string | undefined;
      readonly options: ChangesOptions;
    }
  | { readonly operation: 'usage' | 'close'; readonly path: undefined; readonly options: CallOptions };

/** The names of a store's methods. */
export type Operation = Call['operation'];

/** What a `read` hands on instead of the download's own body: the same bytes, watched, delayed or cut by an error. */
export type Through = (download: Download) => AsyncIterable<Uint8Array>;

/** Makes the call, once. Settles when the call has ended, and rejects with the call's failure. `through` is for `read`. */
export type Proceed = (through?: Through) => Promise<void>;

/**
 * Code around a call. What it throws becomes the call's failure, before or after the call was made; a failure of the call
 * itself cannot be turned into a success. Unless it throws, it must call `proceed`, and wait for it.
 */
export type Around = (call: Call, proceed: Proceed) => Promise<void>;

/**
 * The store, with `around` around every call of every method, `close` included. It is called `layer(inner name)`.
 *
 * A `list` lasts from the first entry that is asked for until the iteration ends or is left; a `read` until its body has been
 * consumed or left, or the signal aborts. Entries and bytes are not held back.
 */
export function intercept(store: Store, layerName: string, around: Around): Store {
  return new InterceptedStore(store, layerName, around);
}

class InterceptedStore implements Store {
  readonly name: string;
  readonly #store: Store;
  readonly #around: Around;

  constructor(store: Store, layerName: string, around: Around) {
    this.name = `${layerName}(${store.name})`;
    this.#store = store;
    this.#around = around;
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities;
  }

  stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return this.#settle({ operation: 'stat', path, options }, () => this.#store.stat(path, options));
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const call = new LastingCall(this.#around, { operation: 'list', path, options }, async () =>
      this.#store.list(path, options),
    );
    yield* call.pass(await call.opened, options.signal);
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    const call = new LastingCall(this.#around, { operation: 'read', path, options }, async (through) => {
      const download = await this.#store.read(path, options);
      return through === undefined ? download : { entry: download.entry, body: through(download) };
    });
    const { entry, body } = await call.opened;
    return { entry, body: call.pass(body, options.signal) };
  }

  write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    return this.#settle({ operation: 'write', path, source, options }, () => this.#store.write(path, source, options));
  }

  setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#settle({ operation: 'setMetadata', path, metadata, options }, () =>
      this.#store.setMetadata(path, metadata, options),
    );
  }

  makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    return this.#settle({ operation: 'makeDirectory', path, options }, () => this.#store.makeDirectory(path, options));
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    return this.#settle({ operation: 'delete', path, options }, () => this.#store.delete(path, options));
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return this.#settle({ operation: 'deleteAll', path: undefined, entries, options }, () =>
      this.#store.deleteAll(entries, options),
    );
  }

  copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#settle({ operation: 'copy', path: from, to, options }, () => this.#store.copy(from, to, options));
  }

  move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#settle({ operation: 'move', path: from, to, options }, () => this.#store.move(from, to, options));
  }

  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#settle({ operation: 'usage', path: undefined, options }, () => this.#store.usage(options));
  }

  changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    return this.#settle({ operation: 'changes', path: undefined, since, options }, () =>
      this.#store.changes(since, options),
    );
  }

  close(): Promise<void> {
    return this.#settle({ operation: 'close', path: undefined, options: {} }, () => this.#store.close());
  }

  async #settle<T>(call: Call, perform: () => Promise<T>): Promise<T> {
    let result: Promise<T> | undefined;
    await this.#around(call, async () => {
      result = perform();
      await result;
    });
    if (result === undefined) throw neverMade(call);
    return result;
  }
}

/** A call that goes on after its method has answered. */
class LastingCall<T> {
  /** What the method answers. */
  readonly opened: Promise<T>;
  readonly #end = Promise.withResolvers<void>();
  readonly #whole: Promise<void>;

  constructor(around: Around, call: Call, open: (through?: Through) => Promise<T>) {
    const opened = Promise.withResolvers<T>();
    this.opened = opened.promise;
    this.#whole = around(call, async (through) => {
      opened.resolve(open(through));
      await opened.promise;
      await this.#end.promise;
    });
    this.#whole.then(() => opened.reject(neverMade(call)), opened.reject);
  }

  /** The parts of the answer; the call ends with them, with the abort of `signal`, or when they are left. */
  pass<Part>(parts: AsyncIterable<Part>, signal?: AbortSignal): AsyncIterableIterator<Part> {
    const iterator = parts[Symbol.asyncIterator]();
    let left = false;
    const end = (failure?: { readonly error: unknown }): Promise<void> => {
      left = true;
      signal?.removeEventListener('abort', abort);
      if (failure === undefined) this.#end.resolve();
      else this.#end.reject(failure.error);
      return this.#whole;
    };
    const abort = (): void => this.#end.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        if (left) return { done: true, value: undefined };
        const step = await iterator.next().catch(async (error: unknown) => {
          await end({ error });
          throw error;
        });
        if (step.done === true) await end();
        return step;
      },
      // Array.fromAsync of V8 calls it after a failure too, and again for as long as it rejects.
      return: async () => {
        if (left) return { done: true, value: undefined };
        left = true;
        try {
          await iterator.return?.();
        } finally {
          await end();
        }
        return { done: true, value: undefined };
      },
    };
  }
}

function neverMade({ operation }: Call): TypeError {
  return new TypeError(`code around "${operation}" ended without making the call`);
}
