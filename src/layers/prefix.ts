import { isStoreError, StoreError } from '../store/errors.ts';
import { assertCanonical, isInside } from '../store/path.ts';
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

/**
 * Shows the directory `directory` of a store as a whole store: all paths, those of entries and errors too, are relative to it.
 *
 * The directory need not exist: it is made by the first write, and until then the store is empty. Where it is a file, calls
 * throw `NotADirectory`. `usage` is the whole account's. Throws `InvalidPath` unless `directory` is canonical.
 */
export function withPrefix(store: Store, directory: string): Store {
  assertCanonical(directory);
  return new PrefixStore(store, directory === '/' ? '' : directory);
}

class PrefixStore implements Store {
  readonly name: string;
  readonly #store: Store;
  /** The directory, or the empty string for the root: what stands before every path. */
  readonly #prefix: string;

  constructor(store: Store, prefix: string) {
    this.name = `prefix(${store.name})`;
    this.#store = store;
    this.#prefix = prefix;
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities;
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    this.#check(path, 'stat');
    try {
      const entry = await this.#within('stat', options, () => this.#store.stat(this.#inner(path), options));
      if (path === '/' && entry.kind === 'file') throw this.#error('NotADirectory', 'stat', path);
      return this.#outerEntry(entry);
    } catch (error) {
      if (path === '/' && isStoreError(error, 'NotFound')) return { kind: 'directory', path: '/' };
      throw error;
    }
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    this.#check(path, 'list');
    let empty = true;
    try {
      for await (const entry of this.#store.list(this.#inner(path), options)) {
        empty = false;
        yield this.#outerEntry(entry);
      }
    } catch (error) {
      if (path === '/' && empty && isStoreError(error, 'NotFound')) return;
      throw this.#outerError(error, 'list', options);
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    this.#checkFile(path, 'read');
    const { entry, body } = await this.#within('read', options, () => this.#store.read(this.#inner(path), options));
    return { entry: this.#outerEntry(entry), body: this.#outerBody(body, options) };
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    this.#checkFile(path, 'write');
    const write = (): Promise<FileEntry> => this.#store.write(this.#inner(path), source, options);
    return this.#outerEntry(await this.#within('write', options, write));
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    this.#checkFile(path, 'setMetadata');
    const set = (): Promise<FileEntry> => this.#store.setMetadata(this.#inner(path), metadata, options);
    return this.#outerEntry(await this.#within('setMetadata', options, set));
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    this.#check(path, 'makeDirectory');
    await this.#within('makeDirectory', options, () => this.#store.makeDirectory(this.#inner(path), options));
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    this.#check(path, 'delete');
    if (path === '/') throw this.#error('InvalidPath', 'delete', path, 'the root cannot be deleted');
    await this.#within('delete', options, () => this.#store.delete(this.#inner(path), options));
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    for (const { path } of entries) {
      this.#check(path, 'deleteAll');
      if (path === '/') throw this.#error('InvalidPath', 'deleteAll', path, 'the root cannot be deleted');
    }
    const inner = entries.map((entry) => ({ ...entry, path: this.#inner(entry.path) }));
    const kept = await this.#within('deleteAll', options, () => this.#store.deleteAll(inner, options));
    return kept.map((path) => path.slice(this.#prefix.length));
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    if (this.#checkTransfer('copy', from, to) === 'nothing to do') return;
    await this.#within('copy', options, () => this.#store.copy(this.#inner(from), this.#inner(to), options));
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    if (this.#checkTransfer('move', from, to) === 'nothing to do') return;
    await this.#within('move', options, () => this.#store.move(this.#inner(from), this.#inner(to), options));
  }

  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#within('usage', options, () => this.#store.usage(options));
  }

  /** A change of the directory itself, or of one above it, may be one of everything in it. */
  async changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    const { told, ...answer } = await this.#within('changes', options, () => this.#store.changes(since, options));
    const inside = told.filter(({ path }) => path !== this.#prefix && isInside(path, this.#prefix));
    const isAbove = told.some(({ path }) => path === this.#prefix || isInside(this.#prefix, path));
    return {
      ...answer,
      told: inside.map(({ path, entry }) => ({ path: this.#outer(path), entry: entry && this.#outerEntry(entry) })),
      everything: answer.everything || (this.#prefix !== '' && isAbove),
    };
  }

  close(): Promise<void> {
    return this.#within('close', {}, () => this.#store.close());
  }

  #check(path: string, operation: string): void {
    assertCanonical(path, operation, this.name);
  }

  #checkFile(path: string, operation: string): void {
    this.#check(path, operation);
    if (path === '/') throw this.#error('IsADirectory', operation, path);
  }

  /** The root of this store is an ordinary directory of the inner one, so what holds for a root is enforced here. */
  #checkTransfer(operation: string, from: string, to: string): 'nothing to do' | 'transfer' {
    this.#check(from, operation);
    this.#check(to, operation);
    if (from !== '/') return 'transfer';
    if (to === '/') return 'nothing to do';
    throw this.#error('InvalidPath', operation, from, 'the root cannot go into itself');
  }

  #inner(path: string): string {
    return path === '/' ? this.#prefix || '/' : this.#prefix + path;
  }

  #outer(path: string): string {
    return path === (this.#prefix || '/') ? '/' : path.slice(this.#prefix.length);
  }

  #outerEntry<E extends Entry>(entry: E): E {
    return { ...entry, path: this.#outer(entry.path) };
  }

  async #within<T>(operation: string, options: CallOptions, perform: () => Promise<T>): Promise<T> {
    try {
      return await perform();
    } catch (error) {
      throw this.#outerError(error, operation, options);
    }
  }

  async *#outerBody(body: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw this.#outerError(error, 'read', options);
    }
  }

  #error(
    code: 'InvalidPath' | 'IsADirectory' | 'NotADirectory',
    operation: string,
    path: string,
    message?: string,
  ): StoreError {
    return new StoreError(code, { operation, path, store: this.name, message });
  }

  #outerError(error: unknown, operation: string, { signal }: CallOptions): unknown {
    if (!isStoreError(error) || (signal?.aborted === true && error === signal.reason)) return error;
    return new StoreError(error.code, {
      operation,
      path: this.#outerErrorPath(error.path),
      store: this.name,
      retryAfter: error.retryAfter,
      message: sentenceOf(error),
      cause: error,
    });
  }

  /** An error above the directory (a parent of it is a file) is one of the root. */
  #outerErrorPath(path: string | undefined): string | undefined {
    if (path === undefined) return undefined;
    return this.#prefix === '' || isInside(path, this.#prefix) ? this.#outer(path) : '/';
  }
}

/** What the error says beside the store, operation, path and code that its message begins with. */
function sentenceOf({ code, message, store, operation, path }: StoreError): string | undefined {
  const where = [store, operation, path].filter((part) => part !== undefined).join(' ');
  const what = where === '' ? message : message.slice(`${where}: `.length);
  return what === code ? undefined : what.slice(`${code}: `.length);
}
