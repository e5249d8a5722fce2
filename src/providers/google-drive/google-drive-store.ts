import { HttpClient } from '../../http/http-client.ts';
import { callError, serviceCall } from '../../http/service-call.ts';
import { assertSource } from '../../store/exact-stream.ts';
import { StoreError } from '../../store/errors.ts';
import { assertDeletable } from '../../store/known-entries.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { assertCanonical } from '../../store/path.ts';
import { assertRange } from '../../store/range.ts';
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
} from '../../store/store.ts';
import { DriveChanges } from './drive-changes.ts';
import { deleteKnown, deletePath } from './drive-deletion.ts';
import { entryOf } from './drive-entry.ts';
import { listDirectory, listTree } from './drive-listing.ts';
import { maxMetadataBytes } from './drive-metadata.ts';
import { readFile } from './drive-reading.ts';
import { transfer } from './drive-transfer.ts';
import type { DriveTree } from './drive-tree.ts';
import { driveUsage } from './drive-usage.ts';
import { resumableFrom, setMetadata, writeFile } from './drive-writing.ts';
import { type GoogleDriveStoreOptions, treeOf } from './google-drive-options.ts';

/** 5,120 GB (https://support.google.com/drive/answer/37603). */
const maxFileSize = 5_120_000_000_000;

/**
 * Google Drive, by version 3 of its API: all of an account, a shared drive, or a folder of one. Nothing is asked before the first
 * call. Several files of one name are told apart by their ids; documents of Google's editors and shortcuts are links that cannot
 * be written.
 */
export class GoogleDriveStore implements Store {
  readonly name = 'google drive';
  readonly #http: Pick<HttpClient, 'close'>;
  readonly #tree: DriveTree;
  readonly #changes: DriveChanges;
  readonly #isPermanent: boolean;

  /** Preconditions are `checked`: Drive knows none. */
  readonly capabilities: Capabilities = {
    preconditions: 'checked',
    modified: true,
    modifiedPrecision: 1,
    modifiedListed: true,
    caseSensitive: true,
    refusedNames: null,
    rangedReads: true,
    serverSideCopy: true,
    serverSideMove: true,
    maxFileSize,
    metadata: 'any',
    maxMetadataBytes,
    resumableFrom,
    partialFrom: Infinity,
    changes: 'poll',
    gatheredUpTo: 0,
  };

  /** Throws `Unsupported` for an address that is none. */
  constructor(options: GoogleDriveStoreOptions) {
    const http = options.http ?? new HttpClient({ ...options, variables: options.variables ?? process.env });
    this.#http = http;
    this.#tree = treeOf(options, http);
    this.#changes = new DriveChanges(this.#tree);
    this.#isPermanent = options.deletePermanently ?? false;
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return await this.#call('stat', path, options, async () => {
      const found = await this.#tree.find(path, options);
      if (found === undefined) throw new StoreError('NotFound', { path });
      return entryOf(found, path);
    });
  }

  async *list(path: string, { recursive = false, signal }: ListOptions = {}): AsyncGenerator<Entry> {
    assertCanonical(path, 'list', this.name);
    signal?.throwIfAborted();
    const entries = recursive ? listTree(this.#tree, path, { signal }) : listDirectory(this.#tree, path, { signal });
    try {
      for await (const entry of entries) {
        signal?.throwIfAborted();
        yield entry;
      }
    } catch (error) {
      throw callError(error, { store: this.name, operation: 'list', path, signal });
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    assertCanonical(path, 'read', this.name);
    assertRange(options);
    return await this.#call('read', path, options, async () => {
      const { entry, body } = await readFile(this.#tree, path, options);
      return { entry, body: this.#told(path, body, options.signal) };
    });
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'write', this.name);
    assertSource(source);
    return await this.#call('write', path, options, async () => {
      this.#assertMetadata('write', path, options.metadata);
      if (source.size > maxFileSize)
        throw new StoreError('TooLarge', { path, message: `Drive takes ${maxFileSize} bytes at the most` });
      return await writeFile(this.#tree, path, source, options);
    });
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'setMetadata', this.name);
    return await this.#call('setMetadata', path, options, async () => {
      this.#assertMetadata('setMetadata', path, metadata);
      return await setMetadata(this.#tree, path, metadata, options);
    });
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    await this.#call('makeDirectory', path, options, async () => {
      const found = await this.#tree.find(path, options);
      if (found !== undefined && entryOf(found, path).kind === 'file') throw new StoreError('AlreadyExists', { path });
      await this.#tree.fresh(path, () => this.#tree.ensureDirectory(path, options));
    });
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    await this.#call('delete', path, options, () => deletePath(this.#tree, path, options, this.#isPermanent));
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    assertDeletable(entries, this);
    return await this.#call('deleteAll', entries[0]?.path ?? '/', options, () =>
      deleteKnown(this.#tree, this, entries, options),
    );
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('copy', from, to, options);
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('move', from, to, options);
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    return await this.#call('usage', '/', options, () => driveUsage(this.#tree.calls, options));
  }

  async changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    return await this.#call('changes', '/', options, () => this.#changes.since(since, options));
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #assertMetadata(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
  }

  async #transfer(operation: 'copy' | 'move', from: string, to: string, options: TransferOptions): Promise<void> {
    assertCanonical(from, operation, this.name);
    assertCanonical(to, operation, this.name);
    const call = { ...options, operation, store: this.name, from, to };
    await this.#call(operation, from, options, () => transfer(this.#tree, call, this.#isPermanent));
  }

  async #call<T>(operation: string, path: string, { signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    return await serviceCall({ store: this.name, operation, path, signal }, work);
  }

  async *#told(
    path: string,
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw callError(error, { store: this.name, operation: 'read', path, signal });
    }
  }
}
