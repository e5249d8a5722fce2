import { callError, serviceCall } from '../../http/service-call.ts';
import { HttpClient } from '../../http/http-client.ts';
import { assertSource } from '../../store/exact-stream.ts';
import { StoreError } from '../../store/errors.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { assertDeletable } from '../../store/known-entries.ts';
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
import { connectServer, type ServerAddress } from './connect-server.ts';
import { assertFits, maxMetadataBytes } from './dav-metadata.ts';
import { davUsage } from './dav-usage.ts';
import type { DavServer } from './dav-server.ts';
import { deleteKnown } from './delete-known.ts';
import { deletePath } from './delete-path.ts';
import { makeDirectories } from './directories.ts';
import { findEntry } from './find-resource.ts';
import { listDirectory } from './list-directory.ts';
import { listTree } from './list-tree.ts';
import { assertListable, assertUnderstood, refusedNamesOf } from './refused-names.ts';
import { racedByAbort } from './raced-by-abort.ts';
import { readFile } from './read-file.ts';
import { isNextcloudPath } from './server-traits.ts';
import { assertNotStaged } from './staged-name.ts';
import { setMetadata } from './set-metadata.ts';
import { transfer } from './transfer.ts';
import { addressOf, chunkBytesOf, type WebdavStoreOptions } from './webdav-options.ts';
import { writeFile } from './write-file.ts';

/**
 * A directory of a WebDAV server (RFC 4918). Nothing is sent before the first call, which then finds out what kind of server it is;
 * so a store can be opened while there is no network. A wrong address, user or password is thrown by that call.
 */
export class WebdavStore implements Store {
  readonly name = 'webdav';
  readonly #http: HttpClient;
  readonly #address: ServerAddress;
  readonly #chunkBytes: number;
  readonly #isNextcloud: boolean;
  #server: DavServer | undefined;
  #connecting: Promise<DavServer> | undefined;

  /** Throws `InvalidPath` for a url that is none. */
  constructor(options: WebdavStoreOptions) {
    this.#address = addressOf(options);
    this.#chunkBytes = chunkBytesOf(options);
    this.#isNextcloud = isNextcloudPath(`${this.#address.root.path}/`);
    this.#http = options.http ?? new HttpClient();
  }

  /**
   * By the address alone but for `metadata`, which the first call finds out, and `rangedReads`, which ends when the server has sent a whole file instead of a range. Preconditions
   * are `checked`: servers look at them before an upload and not in the moment that it takes effect.
   */
  get capabilities(): Capabilities {
    return {
      preconditions: 'checked',
      modified: this.#isNextcloud,
      modifiedPrecision: 1000,
      modifiedListed: true,
      caseSensitive: true,
      refusedNames: this.#server === undefined ? null : refusedNamesOf(this.#server.traits),
      rangedReads: this.#server?.refusesRanges !== true,
      serverSideCopy: true,
      serverSideMove: true,
      maxFileSize: Infinity,
      metadata: this.#server?.keepsProperties === true ? 'any' : 'none',
      maxMetadataBytes,
      resumableFrom: this.#isNextcloud ? this.#chunkBytes : Infinity,
      partialFrom: Infinity,
      changes: 'none',
      gatheredUpTo: 0,
    };
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return await this.#call('stat', path, options, async (server) => {
      const found = await findEntry(server, path, options.signal);
      if (found === undefined) throw new StoreError('NotFound', { path });
      return found;
    });
  }

  async *list(path: string, { recursive = false, signal }: ListOptions = {}): AsyncGenerator<Entry> {
    const server = await this.#call('list', path, { signal }, async (server) => server);
    const entries = recursive ? listTree(server, path, signal) : listDirectory(server, path, signal);
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
    return await this.#call('read', path, options, async (server) => {
      const { entry, body } = await readFile(server, path, options);
      return { entry, body: this.#told(path, body, options.signal) };
    });
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'write', this.name);
    assertSource(source);
    const sizes = { chunkBytes: this.#chunkBytes, chunkFrom: this.capabilities.resumableFrom };
    return await this.#call('write', path, options, (server) => {
      this.#assertMetadata('write', path, options.metadata);
      assertListable(server.traits, path);
      return writeFile(server, { ...options, path, source }, sizes);
    });
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'setMetadata', this.name);
    return await this.#call('setMetadata', path, options, async (server) => {
      this.#assertMetadata('setMetadata', path, metadata);
      return await setMetadata(server, path, metadata, options);
    });
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    await this.#call('makeDirectory', path, options, (server) => {
      assertListable(server.traits, path);
      return makeDirectories(server, path, options.signal);
    });
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    await this.#call('delete', path, options, (server) => deletePath(server, path, options));
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    assertDeletable(entries, this);
    for (const { path } of entries) assertNotStaged(path);
    return await this.#call('deleteAll', entries[0]?.path ?? '/', options, (server) =>
      deleteKnown(server, this, entries, options),
    );
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('copy', from, to, options);
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#transfer('move', from, to, options);
  }

  async usage({ signal }: CallOptions = {}): Promise<Usage> {
    const account = this.#address.credentials?.user;
    return await this.#call('usage', '/', { signal }, async (server) => ({
      ...(await davUsage(server, signal)),
      account,
    }));
  }

  changes(): Promise<Changes> {
    return noChanges(this.name);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  #assertMetadata(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
    assertFits(metadata);
  }

  async #transfer(operation: 'copy' | 'move', from: string, to: string, options: TransferOptions): Promise<void> {
    assertCanonical(from, operation, this.name);
    assertCanonical(to, operation, this.name);
    assertNotStaged(to);
    const call = { ...options, operation, store: this.name, from, to };
    await this.#call(operation, from, options, (server) => {
      assertUnderstood(server.traits, to);
      assertListable(server.traits, to);
      return transfer(server, call);
    });
  }

  async #call<T>(
    operation: string,
    path: string,
    { signal }: CallOptions,
    work: (server: DavServer) => Promise<T>,
  ): Promise<T> {
    return await serviceCall({ store: this.name, operation, path, signal }, async () => {
      assertNotStaged(path);
      const server = this.#server ?? (await racedByAbort(this.#connect(), signal));
      assertUnderstood(server.traits, path);
      return await work(server);
    });
  }

  /** One attempt for all calls that wait for it; a failed one is forgotten, and the next call tries again. */
  #connect(): Promise<DavServer> {
    this.#connecting ??= connectServer(this.#http, this.#address)
      .then((server) => (this.#server = server))
      .finally(() => (this.#connecting = undefined));
    return this.#connecting;
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
