import { HttpClient } from '../../http/http-client.ts';
import { callError, serviceCall } from '../../http/service-call.ts';
import { assertSource } from '../../store/exact-stream.ts';
import { StoreError } from '../../store/errors.ts';
import { assertDeletable } from '../../store/known-entries.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { assertCanonical } from '../../store/path.ts';
import { assertRange } from '../../store/range.ts';
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
import { deleteKnown, deletePath } from './sugar-deletion.ts';
import { SugarCalls } from './sugar-calls.ts';
import { listDirectory, listTree } from './sugar-listing.ts';
import { refusedNames } from './sugar-names.ts';
import { readFile } from './sugar-reading.ts';
import { entryOf } from './sugar-resource.ts';
import { transfer } from './sugar-transfer.ts';
import { SugarTree } from './sugar-tree.ts';
import { writeFile } from './sugar-writing.ts';
import { clientOf, type SugarSyncStoreOptions } from './sugarsync-options.ts';

/** SugarSync, by its Platform API. Nothing is asked before the first call. */
export class SugarSyncStore implements Store {
  readonly name = 'sugarsync';
  readonly capabilities: Capabilities;
  readonly #http: Pick<HttpClient, 'close'>;
  readonly #tree: SugarTree;
  readonly #isPermanent: boolean;

  /** Throws `Unsupported` for an address that is none. */
  constructor(options: SugarSyncStoreOptions) {
    const http = options.http ?? new HttpClient({ ...options, variables: options.variables ?? process.env });
    this.#http = http;
    this.#tree = new SugarTree(new SugarCalls(clientOf(options, http)), options.root ?? '/');
    this.#isPermanent = options.deletePermanently ?? false;
    this.capabilities = capabilitiesWith(options.maxFileSize ?? Infinity);
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
      const { maxFileSize } = this.capabilities;
      if (source.size > maxFileSize)
        throw new StoreError('TooLarge', { path, message: `the account takes ${maxFileSize} bytes at the most` });
      return await writeFile(this.#tree, path, source, options);
    });
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'setMetadata', this.name);
    return await this.#call('setMetadata', path, options, async () => {
      this.#assertMetadata('setMetadata', path, metadata);
      throw new StoreError('Unsupported', { path, message: 'SugarSync keeps no metadata' });
    });
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    await this.#call('makeDirectory', path, options, async () => {
      const found = await this.#tree.find(path, options);
      if (found?.kind === 'file') throw new StoreError('AlreadyExists', { path });
      if (found === undefined) await this.#tree.fresh(() => this.#tree.ensureFolder(path, options));
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
    return await this.#call('usage', '/', options, async () => {
      const { usage } = await this.#tree.calls.freshAccount(options);
      return usage;
    });
  }

  changes(): Promise<Changes> {
    return noChanges(this.name);
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

/**
 * A revision is made of time and size, and checked by a request just before a change. Times are SugarSync's own, in whole seconds as
 * far as its documents show.
 */
function capabilitiesWith(maxFileSize: number): Capabilities {
  return {
    preconditions: 'checked',
    modified: false,
    modifiedPrecision: 1000,
    modifiedListed: true,
    caseSensitive: false,
    refusedNames,
    rangedReads: true,
    serverSideCopy: true,
    serverSideMove: true,
    maxFileSize,
    metadata: 'none',
    maxMetadataBytes: 0,
    resumableFrom: Infinity,
    partialFrom: Infinity,
    gatheredUpTo: 0,
    changes: 'none',
  };
}
