import { callError, type ServiceCall, serviceCall } from '../../http/service-call.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { assertCanonical } from '../../store/path.ts';
import { StoreError } from '../../store/errors.ts';
import { assertSource } from '../../store/exact-stream.ts';
import { noChanges } from '../../store/no-changes.ts';
import type {
  CallOptions,
  Capabilities,
  Changes,
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
} from '../../store/store.ts';
import type { Bucket } from './bucket.ts';
import { BucketDeletion } from './bucket-deletion.ts';
import { BucketKeys } from './bucket-keys.ts';
import { BucketListing, directoryEntry, fileEntry } from './bucket-listing.ts';
import { BucketReading } from './bucket-reading.ts';
import { BucketTransfer } from './bucket-transfer.ts';
import { EmptyFiles } from './empty-files.ts';
import { KnownDeletion } from './known-deletion.ts';
import { KnownDirectories } from './known-directories.ts';
import { Placement } from './placement.ts';
import { Standings } from './standing.ts';

/** Options of `BucketStore`. */
export interface BucketStoreOptions {
  /** The folder of the bucket that is the store's root; slashes around it do not count. @default the whole bucket */
  readonly root?: string | undefined;
  /** Milliseconds for which a page of a directory answers questions before changes (`KnownDirectories`). @default 5_000 */
  readonly knownFor?: number | undefined;
  /** Reads of at least so many bytes are made in parts, several at once. @default 64 MiB */
  readonly parallelFrom?: number | undefined;
  /** Of a part of such a read; five of them may be in memory. @default 8 MiB */
  readonly readPartBytes?: number | undefined;
}

/**
 * Directories over the flat keys of a bucket. The path `/a/b` is the key `a/b`. A directory exists because of its marker (`a/`,
 * or those of other tools: see `KeyTree`) or of any key below it; one that loses its last entry is marked and stays.
 *
 * A bucket may hold a file `a` and keys `a/…` at the same time. Then `/a` is the directory: `stat` and listings tell it, `read`
 * and conditional changes still reach the file, and deleting or moving the one never touches the other.
 *
 * What is asked before a change is remembered for some seconds (`KnownDirectories`, with what that leaves open). Empty files are
 * looked at when a listing first shows them, because they may be markers (`EmptyFiles`).
 *
 * Files are atomic as the service makes them. Directories are not: copying, moving and deleting them may be seen half done.
 */
export class BucketStore implements Store {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #bucket: Bucket;
  readonly #keys: BucketKeys;
  readonly #empties: EmptyFiles;
  readonly #standings: Standings;
  readonly #known: KnownDirectories;
  readonly #placement: Placement;
  readonly #listing: BucketListing;
  readonly #reading: BucketReading;
  readonly #deletion: BucketDeletion;
  readonly #knownDeletion: KnownDeletion;
  readonly #transfer: BucketTransfer;
  readonly #changes = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** The store closes the bucket. Throws `InvalidPath` for a root that cannot be a path. */
  constructor(bucket: Bucket, options: BucketStoreOptions = {}) {
    const { root, knownFor = 5_000, parallelFrom = 64 << 20, readPartBytes = 8 << 20 } = options;
    this.name = bucket.name;
    this.capabilities = capabilitiesOver(bucket);
    this.#bucket = bucket;
    const keys = new BucketKeys(root, bucket.capabilities.refusedNames ?? null);
    const empties = new EmptyFiles(bucket);
    const standings = new Standings(bucket, keys, empties);
    const known = new KnownDirectories({ bucket, keys, empties, standings, knownFor });
    const placement = new Placement(bucket, keys, known);
    const parts = { bucket, keys, empties, standings, known, placement };
    this.#keys = keys;
    this.#empties = empties;
    this.#standings = standings;
    this.#known = known;
    this.#placement = placement;
    this.#listing = new BucketListing(bucket, keys, empties, standings);
    const large = { from: parallelFrom, partBytes: readPartBytes };
    this.#reading = new BucketReading(bucket, keys, empties, standings, large);
    this.#deletion = new BucketDeletion(parts);
    this.#knownDeletion = new KnownDeletion(this, parts);
    this.#transfer = new BucketTransfer(parts);
  }

  /** Costs `head` and, unless this store has just written the file or listed it before a change, a short page. */
  stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return serviceCall(this.#call('stat', path, options), async () => {
      if (path === '/') return directoryEntry('/');
      const expected = this.#known.peek(path) === 'file' ? await this.#standings.file(path, options) : undefined;
      if (expected !== undefined) return fileEntry(path, expected);
      const standing = await this.#standings.at(path, options);
      if (standing.kind === undefined) throw new StoreError('NotFound', { path });
      return standing.kind === 'file' ? fileEntry(path, standing.file) : directoryEntry(path);
    });
  }

  /** Costs one request for a page of entries, with `recursive` for a page of everything below. */
  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const call = this.#call('list', path, options);
    assertCanonical(path, 'list', this.name);
    options.signal?.throwIfAborted();
    try {
      for await (const entries of this.#listing.entries(path, options)) {
        for (const entry of entries) {
          yield entry;
          options.signal?.throwIfAborted();
        }
      }
    } catch (error) {
      throw callError(error, call);
    }
  }

  /** Costs one request, for large files one for each part. */
  read(path: string, options: ReadOptions = {}): Promise<Download> {
    const call = this.#call('read', path, options);
    return serviceCall(call, () => this.#reading.read(path, options, call));
  }

  /** Costs what `Bucket.put` does; without a revision to replace also what `KnownDirectories` does not know. */
  write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    return this.#change(this.#call('write', path, options), () => this.#write(path, source, options));
  }

  /** Costs what `Bucket.setMetadata` does; without a revision also `head` and a short page. */
  setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#change(this.#call('setMetadata', path, options), async () => {
      assertCanonical(path, 'setMetadata', this.name);
      this.#assertMetadata('setMetadata', path, metadata);
      if (path === '/') throw new StoreError('IsADirectory', { path });
      if (options.ifRevision === undefined) await this.#assertFile(path, options);
      const key = this.#keys.file(path);
      const file = await this.#known.during(path, 'file', () => this.#bucket.setMetadata(key, metadata, options));
      this.#empties.written(file);
      return fileEntry(path, file);
    });
  }

  /** Costs one request for the marker, beside what `KnownDirectories` does not know. */
  makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    return this.#change(this.#call('makeDirectory', path, options), async () => {
      if (path === '/') return;
      this.#keys.marker(path);
      await this.#placement.assertDirectoryFits(path, options);
      await this.#placement.mark(path, options);
    });
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    return this.#change(this.#call('delete', path, options), () => this.#deletion.delete(path, options));
  }

  /** Costs a page and a batch for each 1,000 entries that lie together, or as many as the service takes. */
  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return await this.#change(this.#call('deleteAll', entries[0]?.path ?? '/', options), () =>
      this.#knownDeletion.deleteAll(entries, options),
    );
  }

  copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#transferring('copy', from, to, options);
  }

  move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    return this.#transferring('move', from, to, options);
  }

  /** The account only: the sizes of all keys would have to be listed. */
  async usage(options: CallOptions = {}): Promise<Usage> {
    options.signal?.throwIfAborted();
    return this.#bucket.account === undefined ? {} : { account: this.#bucket.account };
  }

  changes(): Promise<Changes> {
    return noChanges(this.name);
  }

  /** Waits for changes that are under way, and closes the bucket; open bodies and listings fail. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#changes).then(() => this.#bucket.close());
    return this.#closing;
  }

  async #write(path: string, source: Source, options: WriteOptions): Promise<FileEntry> {
    assertSource(source);
    this.#assertMetadata('write', path, options.metadata);
    if (source.size > this.capabilities.maxFileSize) throw new StoreError('TooLarge', { path });
    const key = path === '/' ? '' : this.#keys.file(path);
    // A file of a known revision exists, and so do its parents.
    if (typeof options.ifRevision !== 'string' || path === '/')
      await this.#placement.assertFileFits(path, source.size, options);
    const file = await this.#known.during(path, 'file', () => this.#bucket.put(key, source, options));
    this.#empties.written(file);
    return fileEntry(path, file);
  }

  async #assertFile(path: string, { signal }: CallOptions): Promise<void> {
    const { kind } = await this.#standings.at(path, { signal });
    if (kind !== 'file') throw new StoreError(kind === 'directory' ? 'IsADirectory' : 'NotFound', { path });
  }

  #assertMetadata(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
  }

  #transferring(operation: 'copy' | 'move', from: string, to: string, options: TransferOptions): Promise<void> {
    return this.#change(this.#call(operation, from, options), () => {
      assertCanonical(to, operation, this.name);
      return this.#transfer.transfer({ operation, store: this.name, from, to }, options);
    });
  }

  #change<T>(call: ServiceCall, work: () => Promise<T>): Promise<T> {
    const change = serviceCall(call, work);
    this.#changes.add(change);
    const forget = (): void => void this.#changes.delete(change);
    change.then(forget, forget);
    return change;
  }

  #call(operation: string, path: string, { signal }: CallOptions): ServiceCall {
    return { store: this.name, operation, path, signal };
  }
}

function capabilitiesOver({ capabilities }: Bucket): Capabilities {
  const {
    preconditions,
    modifiedPrecision,
    modifiedListed,
    maxFileSize,
    maxMetadataBytes,
    resumableFrom,
    partialFrom,
    refusedNames = null,
  } = capabilities;
  return {
    preconditions,
    modified: true,
    modifiedPrecision,
    modifiedListed,
    caseSensitive: true,
    rangedReads: true,
    serverSideCopy: true,
    serverSideMove: true,
    metadata: 'any',
    maxMetadataBytes,
    maxFileSize,
    resumableFrom,
    partialFrom,
    refusedNames,
    changes: 'none',
    gatheredUpTo: 0,
  };
}
