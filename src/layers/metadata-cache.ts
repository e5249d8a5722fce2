import { isStoreError, StoreError } from '../store/errors.ts';
import { assertCanonical, parentOf } from '../store/path.ts';
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
import { type Effect, type Knowledge, KnownMetadata } from './known-metadata.ts';
import { SharedCall } from './shared-call.ts';
import { SharedQuestions } from './shared-questions.ts';

/** Options of `withMetadataCache`. */
export interface MetadataCacheOptions {
  /** Milliseconds for which an answer of the store is believed; 0 keeps nothing. @default 60_000 */
  readonly timeToLive?: number | undefined;
  /** Most names that are remembered; whole directories are dropped, the least recently used first. @default 100_000 */
  readonly maxEntries?: number | undefined;
  /** Most entries of a directory that is listed because one of its names was asked for; 0 never lists. @default 1000 */
  readonly prefetch?: number | undefined;
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Answers `stat`, `list` and `usage` from memory, with nothing older than `timeToLive`.
 *
 * - A name that a whole listing of its directory does not hold is `NotFound` without a call.
 * - A `stat` that is not known lists the directory around it once, so that its siblings cost nothing. A directory with more
 *   than `prefetch` entries is not read to its end for that, and one that may not be listed is left alone: their names are
 *   asked for one by one, until the time to live has passed.
 * - Where a listing does not tell the metadata that the store keeps of a file, its first `stat` goes to the store.
 * - Equal questions at the same time share one call; an abort ends it only when nobody waits for it any more.
 * - Changes made through this layer are seen at once. What a change touched is forgotten, whether it succeeded or not, and an
 *   answer that was under way meanwhile is not remembered for it.
 * - No failure but `NotFound` is remembered. `read` and recursive listings always go to the store.
 *
 * Throws `RangeError` for a negative time or count.
 */
export function withMetadataCache(store: Store, options: MetadataCacheOptions = {}): Store {
  return new MetadataCache(store, options);
}

class MetadataCache implements Store {
  readonly name: string;
  readonly #store: Store;
  readonly #known: KnownMetadata;
  readonly #questions: SharedQuestions;
  readonly #prefetchLimit: number;
  readonly #now: () => number;
  #usage: { readonly at: number; readonly call: SharedCall<Usage> } | undefined;

  constructor(store: Store, options: MetadataCacheOptions) {
    const { timeToLive = 60_000, maxEntries = 100_000, prefetch = 1000, now = () => performance.now() } = options;
    for (const [what, value] of Object.entries({ timeToLive, maxEntries, prefetch })) {
      if (!(value >= 0)) throw new RangeError(`${what} is 0 or more, not ${value}`);
    }
    this.name = `metadata-cache(${store.name})`;
    this.#store = store;
    this.#known = new KnownMetadata({ timeToLive, maxEntries, caseSensitive: store.capabilities.caseSensitive, now });
    this.#questions = new SharedQuestions(store, this.#known, maxEntries);
    // A listing that is not kept would be made again for every name.
    this.#prefetchLimit = timeToLive === 0 ? 0 : Math.min(prefetch, maxEntries - 1);
    this.#now = now;
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities;
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    this.#begin('stat', path, options);
    const known = this.#answer(path, this.#known.find(path)) ?? (await this.#prefetch(path, options.signal));
    return known !== undefined && this.#isWhole(known) ? known : this.#questions.stat(path, options.signal);
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    this.#begin('list', path, options);
    if (options.recursive === true) yield* this.#store.list(path, options);
    else yield* this.#listOne(path, options);
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    this.#begin('read', path, options);
    const pending = this.#known.begin('entry', path);
    try {
      const download = await this.#store.read(path, options);
      this.#known.answerEntry(pending, path, download.entry);
      return download;
    } catch (error) {
      if (isStoreError(error, 'NotFound')) this.#known.answerEntry(pending, path, 'absent');
      else if (isStoreError(error, 'Conflict') || isStoreError(error, 'IsADirectory')) this.#known.forget(path);
      throw error;
    } finally {
      this.#known.end(pending);
    }
  }

  write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    return this.#change(
      'write',
      [path],
      options,
      () => this.#store.write(path, source, options),
      (entry) => [{ kind: 'created', knowledge: entry }],
    );
  }

  setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#change(
      'setMetadata',
      [path],
      options,
      () => this.#store.setMetadata(path, metadata, options),
      (entry) => [{ kind: 'created', knowledge: entry }],
    );
  }

  makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    return this.#change(
      'makeDirectory',
      [path],
      options,
      () => this.#store.makeDirectory(path, options),
      () => [{ kind: 'created', knowledge: 'directory' }],
    );
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    return this.#change(
      'delete',
      [path],
      options,
      () => this.#store.delete(path, options),
      () => [{ kind: 'removed', knowledge: 'absent' }],
    );
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    const paths = entries.map(({ path }) => path);
    return this.#change(
      'deleteAll',
      paths,
      options,
      () => this.#store.deleteAll(entries, options),
      (kept) => {
        const left = new Set(kept);
        return paths.map((path) => ({ kind: 'removed', knowledge: left.has(path) ? 'unknown' : 'absent' }));
      },
    );
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    assertCanonical(from, 'copy', this.name);
    await this.#change(
      'copy',
      [to],
      options,
      () => this.#store.copy(from, to, options),
      () => [{ kind: 'created', knowledge: 'unknown' }],
    );
  }

  move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#change(
      'move',
      [from, to],
      options,
      () => this.#store.move(from, to, options),
      () => [
        { kind: 'removed', knowledge: 'absent' },
        { kind: 'created', knowledge: 'unknown' },
      ],
    );
  }

  async changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    const answer = await this.#store.changes(since, options);
    if (answer.everything) this.#known.clear();
    const touched = answer.told.map(({ path }) => this.#known.beginChange(path));
    this.#known.endChanges(touched, undefined);
    return answer;
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    options.signal?.throwIfAborted();
    const last = this.#usage;
    if (last !== undefined && this.#known.isFresh(last.at) && !last.call.abandoned) {
      return last.call.wait(options.signal);
    }
    const call = new SharedCall((signal) => this.#store.usage({ signal }));
    const running = { at: this.#now(), call };
    this.#usage = running;
    try {
      return await call.wait(options.signal);
    } catch (error) {
      if (this.#usage === running && call.failed) this.#usage = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#known.clear();
    await this.#store.close();
  }

  #begin(operation: string, path: string, { signal }: CallOptions): void {
    assertCanonical(path, operation, this.name);
    signal?.throwIfAborted();
  }

  /** The answer to a `stat`, if it is known. */
  #answer(path: string, known: Knowledge): Entry | undefined {
    if (known === 'absent') throw new StoreError('NotFound', { operation: 'stat', path, store: this.name });
    return typeof known === 'string' ? undefined : known;
  }

  /** A listing that told no metadata is no answer to a `stat`, where the store keeps some. */
  #isWhole(entry: Entry): boolean {
    return entry.kind === 'directory' || entry.metadata !== undefined || this.capabilities.metadata === 'none';
  }

  async *#listOne(path: string, { signal }: CallOptions): AsyncGenerator<Entry> {
    const known = this.#known.listing(path);
    if (known === undefined && this.#known.find(path) === 'absent') {
      throw new StoreError('NotFound', { operation: 'list', path, store: this.name });
    }
    for await (const entry of known ?? this.#questions.listing(path).entries(signal)) {
      signal?.throwIfAborted();
      yield entry;
    }
  }

  /** Lists the directory around a path, and answers what that told. */
  async #prefetch(path: string, signal: AbortSignal | undefined): Promise<Entry | undefined> {
    const directory = parentOf(path);
    if (path === '/' || this.#prefetchLimit <= 0 || !this.#known.isWorthListing(directory)) return undefined;
    try {
      let count = 0;
      for await (const _entry of this.#questions.listing(directory).entries(signal)) {
        count += 1;
        if (count > this.#prefetchLimit) {
          this.#known.decline(directory);
          return undefined;
        }
      }
    } catch (error) {
      if (!isStoreError(error) || error === signal?.reason) throw error;
      if (error.retryable) throw asStatError(error, path);
      if (error.code !== 'NotFound') this.#known.decline(directory);
    }
    return this.#answer(path, this.#known.find(path));
  }

  /** Makes a change, and remembers its effects on `paths`. */
  async #change<T>(
    operation: string,
    paths: readonly string[],
    options: CallOptions,
    perform: () => Promise<T>,
    effectsOf: (result: T) => readonly Effect[],
  ): Promise<T> {
    for (const path of paths) this.#begin(operation, path, options);
    const changes = paths.map((path) => this.#known.beginChange(path));
    let effects: readonly Effect[] | undefined;
    try {
      const result = await perform();
      effects = effectsOf(result);
      return result;
    } finally {
      this.#known.endChanges(changes, effects);
    }
  }
}

/** A failed listing that stood in for a `stat`. */
function asStatError(error: StoreError, path: string): StoreError {
  const { code, retryAfter } = error;
  return new StoreError(code, { operation: 'stat', path, store: error.store, retryAfter, cause: error });
}
