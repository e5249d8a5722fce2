import { setImmediate as turn } from 'node:timers/promises';
import type {
  Bucket,
  BucketCapabilities,
  CopyKeyOptions,
  DeleteKeyOptions,
  DeleteKeysOptions,
  GetOptions,
  KeyPage,
  PageOptions,
  PutOptions,
  StoredDownload,
  StoredFile,
} from '../../src/providers/bucket/bucket.ts';
import { compareKeys } from '../../src/providers/bucket/key-order.ts';
import { StoreError } from '../../src/store/errors.ts';
import { exactStream } from '../../src/store/exact-stream.ts';
import { rangeOf } from '../../src/store/range.ts';
import type { CallOptions, Metadata, SetMetadataOptions, Source } from '../../src/store/store.ts';

/** What a request of a bucket is called. */
export type BucketRequest = 'head' | 'get' | 'put' | 'page' | 'delete' | 'deleteAll' | 'copy' | 'setMetadata';

/** Options of `MemoryBucket`. */
export interface MemoryBucketOptions {
  /** Keys and prefixes of a page at the most. @default 1000 */
  readonly pageSize?: number;
  /** @default 1000 */
  readonly deletesAtOnce?: number;
  /** Pages tell content types, as Google's JSON API does and S3 does not. @default false */
  readonly listsContentTypes?: boolean;
  readonly capabilities?: Partial<BucketCapabilities>;
}

/** How far a listing has come: to a key, or behind all that begin with a prefix. */
interface Position {
  readonly key: string;
  readonly isPrefix: boolean;
}

interface Stored {
  readonly file: StoredFile;
  readonly bytes: Uint8Array;
}

/**
 * A bucket in memory that is as strict as a service: keys of 1 to 1,024 bytes, sorted by their UTF-8 bytes, pages of a limited
 * size with opaque tokens, preconditions, limited batches. It counts requests, and every request takes at least one turn.
 */
export class MemoryBucket implements Bucket {
  readonly name = 'memory-bucket';
  readonly account = 'memory://bucket';
  readonly capabilities: BucketCapabilities;
  /** Every request since the beginning: its kind, and the key or prefix. */
  readonly requests: { readonly kind: BucketRequest; readonly key: string }[] = [];
  /** What a request fails with before it does anything; a test may set it. */
  fail: ((kind: BucketRequest, key: string) => unknown) | undefined;
  /** What happens just before a request is answered; a test may set it. */
  before: ((kind: BucketRequest, key: string) => void | Promise<void>) | undefined;
  /** After how many bytes a body breaks off, if it does; a test may set it. */
  breakBody: ((key: string, offset: number) => number | undefined) | undefined;
  /** Bodies that are being read, and the most that there were at once. */
  readonly bodies: { open: number; most: number } = { open: 0, most: 0 };
  isClosed = false;
  readonly #pageSize: number;
  readonly #listsContentTypes: boolean;
  readonly #stored = new Map<string, Stored>();
  /** Sorted. */
  readonly #keys: string[] = [];
  #lastRevision = 0;

  constructor(options: MemoryBucketOptions = {}) {
    const { pageSize = 1000, deletesAtOnce = 1000, listsContentTypes = false, capabilities } = options;
    this.#pageSize = pageSize;
    this.#listsContentTypes = listsContentTypes;
    this.capabilities = { ...defaults, deletesAtOnce, ...capabilities };
  }

  /** All keys, sorted. */
  keys(): string[] {
    return [...this.#keys];
  }

  /** The content of a key as text, or undefined. */
  text(key: string): string | undefined {
    const stored = this.#stored.get(key);
    return stored && new TextDecoder().decode(stored.bytes);
  }

  /** Puts a key as another tool would, without a request. */
  plant(key: string, content: string = '', contentType: string = 'binary/octet-stream'): StoredFile {
    return this.#set(key, new TextEncoder().encode(content), Date.now(), contentType);
  }

  /** Takes a key away as another tool would. */
  uproot(key: string): void {
    this.#remove(key);
  }

  async prepare(): Promise<void> {}

  async head(key: string, options: CallOptions = {}): Promise<StoredFile | undefined> {
    await this.#request('head', key, options);
    return this.#stored.get(key)?.file;
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredDownload | undefined> {
    if (options.length !== undefined && options.length < 1) throw new RangeError('a range has a byte at least');
    await this.#request('get', key, options);
    const stored = this.#stored.get(key);
    if (stored === undefined) return undefined;
    if (options.ifRevision !== undefined && options.ifRevision !== stored.file.revision) throw conflict(key);
    const { start, end } = rangeOf(options, stored.bytes.length);
    const limit = this.breakBody?.(key, start);
    return { file: stored.file, body: this.#body(stored.bytes.subarray(start, end), limit, options.signal) };
  }

  async put(key: string, source: Source, options: PutOptions = {}): Promise<StoredFile> {
    await this.#request('put', key, options);
    this.#assertRevision(key, options.ifRevision);
    const chunks: Uint8Array[] = [];
    for await (const chunk of exactStream(source, options)) chunks.push(new Uint8Array(chunk));
    options.signal?.throwIfAborted();
    this.#assertRevision(key, options.ifRevision);
    const { modified = Date.now(), contentType, metadata } = options;
    return this.#set(key, Buffer.concat(chunks), modified, contentType, metadata);
  }

  async page(options: PageOptions): Promise<KeyPage> {
    await this.#request('page', options.prefix, options);
    const { prefix, grouped = false, next, after } = options;
    const limit = Math.min(options.limit ?? this.#pageSize, this.#pageSize);
    const files: StoredFile[] = [];
    const prefixes: string[] = [];
    let last: Position = next === undefined ? { key: after ?? '', isPrefix: false } : decoded(next);
    for (let at = Math.max(this.#position(prefix), this.#firstBehind(last)); at < this.#keys.length; ) {
      const key = this.#keys[at] ?? '';
      if (!key.startsWith(prefix)) break;
      if (files.length + prefixes.length === limit) return { files, prefixes, next: encoded(last) };
      const slash = grouped ? key.indexOf('/', prefix.length) : -1;
      last = slash < 0 ? { key, isPrefix: false } : { key: key.slice(0, slash + 1), isPrefix: true };
      if (last.isPrefix) prefixes.push(last.key);
      else files.push(this.#listed(key));
      at = this.#firstBehind(last);
    }
    return { files, prefixes };
  }

  async delete(key: string, options: DeleteKeyOptions = {}): Promise<void> {
    await this.#request('delete', key, options);
    const stored = this.#stored.get(key);
    if (stored === undefined) return;
    if (options.ifRevision !== undefined && options.ifRevision !== stored.file.revision) throw conflict(key);
    this.#remove(key);
  }

  async deleteAll(keys: readonly string[], options: DeleteKeysOptions = {}): Promise<readonly string[]> {
    if (keys.length === 0 || keys.length > this.capabilities.deletesAtOnce)
      throw new RangeError(`a batch of ${keys.length} keys`);
    for (const key of keys) assertKey(key);
    await this.#request('deleteAll', keys[0] ?? '', options);
    const isOther = (key: string): boolean => {
      const [expected, stored] = [options.revisions?.get(key), this.#stored.get(key)?.file.revision];
      return expected !== undefined && stored !== undefined && stored !== expected;
    };
    const kept = keys.filter(isOther);
    for (const key of keys) if (!kept.includes(key)) this.#remove(key);
    return kept;
  }

  async copy(from: StoredFile, to: string, options: CopyKeyOptions = {}): Promise<StoredFile> {
    assertKey(to);
    await this.#request('copy', from.key, options);
    const stored = this.#stored.get(from.key);
    if (stored?.file.revision !== from.revision) throw new StoreError('NotFound', { message: 'the source is another' });
    this.#assertRevision(to, options.ifRevision);
    const { modified, contentType, metadata } = stored.file;
    return this.#set(to, stored.bytes, modified, contentType, metadata);
  }

  async setMetadata(key: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<StoredFile> {
    await this.#request('setMetadata', key, options);
    const stored = this.#stored.get(key);
    if (stored === undefined) throw new StoreError('NotFound', { message: `there is no ${key}` });
    this.#assertRevision(key, options.ifRevision);
    return this.#set(key, stored.bytes, stored.file.modified, stored.file.contentType, metadata);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  async #request(kind: BucketRequest, key: string, { signal }: CallOptions): Promise<void> {
    if (kind !== 'page') assertKey(key);
    if (this.isClosed) throw new StoreError('Unavailable', { message: 'the bucket is closed' });
    signal?.throwIfAborted();
    this.requests.push({ kind, key });
    await turn();
    await this.before?.(kind, key);
    signal?.throwIfAborted();
    const failure = this.fail?.(kind, key);
    if (failure !== undefined) throw failure;
  }

  async *#body(bytes: Uint8Array, limit = Infinity, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    this.bodies.most = Math.max(this.bodies.most, ++this.bodies.open);
    try {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        await turn();
        signal?.throwIfAborted();
        const end = Math.min(at + pieceBytes, limit);
        if (end > at) yield new Uint8Array(bytes.subarray(at, end));
        if (limit < Math.min(at + pieceBytes, bytes.length))
          throw new StoreError('Unavailable', { message: 'the connection broke' });
      }
    } finally {
      this.bodies.open--;
    }
  }

  #assertRevision(key: string, expected: string | null | undefined): void {
    if (expected !== undefined && (this.#stored.get(key)?.file.revision ?? null) !== expected) throw conflict(key);
  }

  #set(
    key: string,
    bytes: Uint8Array,
    modified: number,
    contentType = 'binary/octet-stream',
    metadata: Metadata = {},
  ): StoredFile {
    if (!this.#stored.has(key)) this.#keys.splice(this.#position(key), 0, key);
    const file = { key, size: bytes.length, modified, revision: `"${++this.#lastRevision}"`, contentType, metadata };
    this.#stored.set(key, { file, bytes });
    return file;
  }

  #remove(key: string): void {
    if (this.#stored.delete(key)) this.#keys.splice(this.#position(key), 1);
  }

  #listed(key: string): StoredFile {
    const file = this.#stored.get(key)?.file;
    if (file === undefined) throw new Error(`${key} is sorted in and not stored`);
    return this.#listsContentTypes ? file : { ...file, contentType: undefined, metadata: undefined };
  }

  #firstBehind({ key, isPrefix }: Position): number {
    let at = this.#position(key);
    while (isPrefix ? this.#keys[at]?.startsWith(key) === true : this.#keys[at] === key) at++;
    return at;
  }

  /** Where a key is, or would be. */
  #position(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(this.#keys[middle] ?? '', key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const pieceBytes = 1 << 16;

const defaults = {
  preconditions: 'atomic',
  modifiedPrecision: 1,
  modifiedListed: true,
  maxFileSize: Infinity,
  maxMetadataBytes: 2048,
  resumableFrom: Infinity,
  partialFrom: Infinity,
} as const;

function assertKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes < 1 || bytes > 1024 || !key.isWellFormed()) throw new RangeError(`${JSON.stringify(key)} is no key`);
}

function conflict(key: string): StoreError {
  return new StoreError('Conflict', { message: `${key} has another revision` });
}

function encoded(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decoded(next: string): Position {
  return JSON.parse(Buffer.from(next, 'base64url').toString()) as Position;
}
