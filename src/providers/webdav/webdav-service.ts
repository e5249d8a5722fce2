import { HttpClient } from '../../http/http-client.ts';
import { StoreError } from '../../store/errors.ts';
import type {
  CallOptions,
  Capabilities,
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
import type { Transfer } from '../../store/transfer-rules.ts';
import type { Service } from '../service/service.ts';
import { connectServer, type ServerAddress } from './connect-server.ts';
import { assertFits, maxMetadataBytes } from './dav-metadata.ts';
import type { DavServer } from './dav-server.ts';
import { davUsage } from './dav-usage.ts';
import { deleteKnown } from './delete-known.ts';
import { deletePath } from './delete-path.ts';
import { makeDirectories } from './directories.ts';
import { findEntry } from './find-resource.ts';
import { listDirectory } from './list-directory.ts';
import { listTree } from './list-tree.ts';
import { racedByAbort } from './raced-by-abort.ts';
import { readFile } from './read-file.ts';
import { assertListable, assertUnderstood, refusedNamesOf } from './refused-names.ts';
import { isNextcloudPath } from './server-traits.ts';
import { setMetadata } from './set-metadata.ts';
import { assertNotStaged } from './staged-name.ts';
import { transfer } from './transfer.ts';
import { addressOf, chunkBytesOf, type WebdavStoreOptions } from './webdav-options.ts';
import { writeFile } from './write-file.ts';

/** What a WebDAV server does for a store. The first call connects to it, and finds out what kind of server it is. */
export class WebdavService implements Service {
  readonly name = 'webdav';
  readonly #http: HttpClient;
  readonly #address: ServerAddress;
  readonly #chunkBytes: number;
  readonly #isNextcloud: boolean;
  #known: DavServer | undefined;
  #connecting: Promise<DavServer> | undefined;

  /** Throws `InvalidPath` for a url that is none. */
  constructor(options: WebdavStoreOptions) {
    this.#address = addressOf(options);
    this.#chunkBytes = chunkBytesOf(options);
    this.#isNextcloud = isNextcloudPath(`${this.#address.root.path}/`);
    this.#http = options.http ?? new HttpClient();
  }

  /** Preconditions are `checked`: servers look at them before an upload and not in the moment that it takes effect. */
  get capabilities(): Capabilities {
    return {
      preconditions: 'checked',
      modified: this.#isNextcloud,
      modifiedPrecision: 1000,
      modifiedListed: true,
      caseSensitive: true,
      refusedNames: this.#known === undefined ? null : refusedNamesOf(this.#known.traits),
      rangedReads: this.#known?.refusesRanges !== true,
      serverSideCopy: true,
      serverSideMove: true,
      maxFileSize: Infinity,
      metadata: this.#known?.keepsProperties === true ? 'any' : 'none',
      maxMetadataBytes,
      resumableFrom: this.#isNextcloud ? this.#chunkBytes : Infinity,
      partialFrom: Infinity,
      changes: 'none',
      gatheredUpTo: 0,
    };
  }

  async reach(path: string, { signal }: CallOptions): Promise<void> {
    assertNotStaged(path);
    const server = this.#known ?? (await racedByAbort(this.#connect(), signal));
    assertUnderstood(server.traits, path);
  }

  async stat(path: string, { signal }: CallOptions): Promise<Entry> {
    const found = await findEntry(this.#server, path, signal);
    if (found === undefined) throw new StoreError('NotFound', { path });
    return found;
  }

  list(path: string, { recursive = false, signal }: ListOptions): AsyncIterable<Entry> {
    return (recursive ? listTree : listDirectory)(this.#server, path, signal);
  }

  read(path: string, options: ReadOptions): Promise<Download> {
    return readFile(this.#server, path, options);
  }

  async write(path: string, source: Source, options: WriteOptions): Promise<FileEntry> {
    assertFits(options.metadata);
    assertListable(this.#server.traits, path);
    const sizes = { chunkBytes: this.#chunkBytes, chunkFrom: this.capabilities.resumableFrom };
    return await writeFile(this.#server, { ...options, path, source }, sizes);
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions): Promise<FileEntry> {
    assertFits(metadata);
    return await setMetadata(this.#server, path, metadata, options);
  }

  async makeDirectory(path: string, { signal }: CallOptions): Promise<void> {
    assertListable(this.#server.traits, path);
    await makeDirectories(this.#server, path, signal);
  }

  delete(path: string, options: DeleteOptions): Promise<void> {
    return deletePath(this.#server, path, options);
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions, store: Store): Promise<string[]> {
    for (const { path } of entries) assertNotStaged(path);
    return await deleteKnown(this.#server, store, entries, options);
  }

  async transfer(call: Transfer & TransferOptions): Promise<void> {
    assertNotStaged(call.to);
    assertUnderstood(this.#server.traits, call.to);
    assertListable(this.#server.traits, call.to);
    await transfer(this.#server, call);
  }

  async usage({ signal }: CallOptions): Promise<Usage> {
    return { ...(await davUsage(this.#server, signal)), account: this.#address.credentials?.user };
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Every call has been through `reach`. */
  get #server(): DavServer {
    if (this.#known === undefined) throw new TypeError('the server is asked before it was reached');
    return this.#known;
  }

  /** One attempt for all calls that wait for it; a failed one is forgotten, and the next call tries again. */
  #connect(): Promise<DavServer> {
    this.#connecting ??= connectServer(this.#http, this.#address)
      .then((server) => (this.#known = server))
      .finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }
}
