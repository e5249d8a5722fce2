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
import { dropboxChanges } from './dropbox-changes.ts';
import { LongPoll, longestPoll } from './long-poll.ts';
import { deleteKnown, deletePath } from './dropbox-deletion.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { listFolder, listTree } from './dropbox-listing.ts';
import { makeFolder, statPath } from './dropbox-lookup.ts';
import { clientOf, type DropboxStoreOptions } from './dropbox-options.ts';
import { refusedNames } from './dropbox-path.ts';
import { readFile } from './dropbox-reading.ts';
import { transfer } from './dropbox-transfer.ts';
import { writeFile } from './dropbox-upload.ts';
import { gatheredBytes, GatheredWrites } from './gathered-writes.ts';
import { chunkBytes } from './upload-session.ts';
import { dropboxUsage } from './dropbox-usage.ts';

/** 2 TiB, less a block of an upload session (https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-start). */
const maxFileSize = 2 ** 41 - 2 ** 22;

/** Dropbox, by version 2 of its API. Nothing is asked before the first call. */
export class DropboxStore implements Store {
  readonly name = 'dropbox';
  readonly #http: Pick<HttpClient, 'close'>;
  readonly #waiting: Pick<HttpClient, 'close'>;
  readonly #client: DropboxClient;
  readonly #poll: LongPoll;
  readonly #gathered: GatheredWrites;

  /**
   * Preconditions of `write` are Dropbox's own, and so are those of the deletion of a file. Those of `copy` and `move` are `checked`,
   * and `checked` is what holds for all of them.
   */
  readonly capabilities: Capabilities = {
    preconditions: 'checked',
    modified: true,
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
    resumableFrom: chunkBytes + 1,
    partialFrom: Infinity,
    changes: 'wait',
    gatheredUpTo: gatheredBytes,
  };

  /** Throws `Unsupported` for an address that is none. */
  constructor(options: DropboxStoreOptions) {
    const usual = { ...options, variables: options.variables ?? process.env };
    const http = options.http ?? new HttpClient(usual);
    const waiting = options.http ?? new HttpClient({ ...usual, headersTimeout: longestPoll });
    [this.#http, this.#waiting] = [http, waiting];
    this.#client = clientOf(options, http, waiting);
    this.#poll = new LongPoll(this.#client);
    this.#gathered = new GatheredWrites(this.#client);
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return await this.#call('stat', path, options, () => statPath(this.#client, path, options));
  }

  async *list(path: string, { recursive = false, signal }: ListOptions = {}): AsyncGenerator<Entry> {
    assertCanonical(path, 'list', this.name);
    signal?.throwIfAborted();
    const entries = recursive ? listTree(this.#client, path, { signal }) : listFolder(this.#client, path, { signal });
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
      const { entry, body } = await readFile(this.#client, path, options);
      return { entry, body: this.#told(path, body, options.signal) };
    });
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'write', this.name);
    assertSource(source);
    return await this.#call('write', path, options, async () => {
      this.#assertMetadata('write', path, options.metadata);
      if (source.size > maxFileSize)
        throw new StoreError('TooLarge', { path, message: `Dropbox takes ${maxFileSize} bytes at the most` });
      return await writeFile({ client: this.#client, gathered: this.#gathered }, path, source, options);
    });
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'setMetadata', this.name);
    return await this.#call('setMetadata', path, options, async () => {
      this.#assertMetadata('setMetadata', path, metadata);
      throw new StoreError('Unsupported', { path, message: 'Dropbox keeps no metadata' });
    });
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    await this.#call('makeDirectory', path, options, () => makeFolder(this.#client, path, options));
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    await this.#call('delete', path, options, () => deletePath(this.#client, path, options));
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    assertDeletable(entries, this);
    return await this.#call('deleteAll', entries[0]?.path ?? '/', options, () =>
      deleteKnown(this.#client, this, entries, options),
    );
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('copy', from, to, options);
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('move', from, to, options);
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    return await this.#call('usage', '/', options, () => dropboxUsage(this.#client, options));
  }

  async changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    return await this.#call('changes', '/', options, () => dropboxChanges(this.#client, this.#poll, since, options));
  }

  async close(): Promise<void> {
    await Promise.all([this.#http.close(), this.#waiting.close()]);
  }

  #assertMetadata(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
  }

  async #transfer(operation: 'copy' | 'move', from: string, to: string, options: TransferOptions): Promise<void> {
    assertCanonical(from, operation, this.name);
    assertCanonical(to, operation, this.name);
    const call = { ...options, operation, store: this.name, from, to };
    await this.#call(operation, from, options, () => transfer(this.#client, call));
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
