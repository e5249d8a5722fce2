import type { ByteRange, CallOptions, Resume, Source } from '../../store/store.ts';

/**
 * A flat set of keys at a service, as `BucketStore` needs it. It knows keys, not paths: no directory, no parent, no root.
 * Keys are sent byte for byte; they never begin with `/`. Failures are `StoreError`s without a path.
 */
export interface Bucket {
  /** The store's name: `"s3"`. */
  readonly name: string;
  readonly capabilities: BucketCapabilities;

  /** That the bucket exists and this account may use it; made where it is missing and `create` was asked for. */
  prepare(options?: CallOptions): Promise<void>;

  /** What is stored under a key, or undefined. */
  head(key: string, options?: CallOptions): Promise<StoredFile | undefined>;

  /** The bytes of a key, or undefined where there is none. `Conflict` where `ifRevision` is not the current one. */
  get(key: string, options?: GetOptions): Promise<StoredDownload | undefined>;

  /** Writes a key, atomically, by whatever requests the size needs. Throws `Conflict` for a failed precondition. */
  put(key: string, source: Source, options?: PutOptions): Promise<StoredFile>;

  /** Keys that begin with `prefix`, in the order of their UTF-8 bytes. */
  page(options: PageOptions): Promise<KeyPage>;

  /** Deletes a key; one that does not exist is deleted already. `Conflict` where `ifRevision` is not the current one. */
  delete(key: string, options?: DeleteKeyOptions): Promise<void>;

  /** Deletes keys in as few requests as the service allows. Throws when one of them could not be deleted. */
  deleteAll(keys: readonly string[], options?: CallOptions): Promise<void>;

  /** Copies at the service, with its metadata. `NotFound` when the source is not (any more) as `from` tells, `Conflict` for the target. */
  copy(from: StoredFile, to: string, options?: CopyKeyOptions): Promise<StoredFile>;

  close(): Promise<void>;
}

/** What the service can do; the rest of a store's capabilities follow from how `BucketStore` works. */
export interface BucketCapabilities {
  readonly preconditions: 'atomic' | 'checked';
  /** Modification times are kept, to this many milliseconds. */
  readonly modifiedPrecision: number;
  /** Pages tell the kept modification times, not just those of the upload. */
  readonly modifiedListed: boolean;
  readonly maxFileSize: number;
  readonly resumableFrom: number;
  readonly partialFrom: number;
  /** Keys of one `deleteAll` that go in one request. */
  readonly deletesAtOnce: number;
}

/** What stands under a key. */
export interface StoredFile {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since the epoch: the kept time where it is known, else that of the upload. */
  readonly modified: number;
  readonly revision: string;
  /** MIME type, where the answer told it. Markers of directories are recognised by it. */
  readonly contentType?: string | undefined;
}

/** An open key. */
export interface StoredDownload {
  readonly file: StoredFile;
  /** The bytes that were asked for, exactly; throws when they cannot be delivered. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Which bytes of which version. */
export interface GetOptions extends CallOptions {
  /** Within the file, as far as the caller knows it; cut at its end. @default the whole file */
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly ifRevision?: string | undefined;
}

/** As `WriteOptions` of the contract. */
export interface PutOptions extends CallOptions {
  readonly ifRevision?: string | null | undefined;
  /** Milliseconds since the epoch. @default now */
  readonly modified?: number | undefined;
  readonly contentType?: string | undefined;
  readonly unchanged?: readonly ByteRange[] | undefined;
  readonly resume?: Resume | undefined;
}

/** One page of keys. */
export interface PageOptions extends CallOptions {
  readonly prefix: string;
  /** Keys that hold a `/` behind the prefix are summed up by what precedes it. @default false */
  readonly grouped?: boolean | undefined;
  /** What the page before said. */
  readonly next?: string | undefined;
  /** Only keys behind this one. With `next` it says nothing. */
  readonly after?: string | undefined;
  /** @default as many as the service gives */
  readonly limit?: number | undefined;
}

/** Keys, and where to go on. */
export interface KeyPage {
  readonly files: readonly StoredFile[];
  /** Prefixes that end in `/`, of `grouped` pages. */
  readonly prefixes: readonly string[];
  /** For the page after this one; undefined: this was the last. */
  readonly next?: string | undefined;
}

/** Options of `Bucket.delete`. */
export interface DeleteKeyOptions extends CallOptions {
  readonly ifRevision?: string | undefined;
}

/** Options of `Bucket.copy`. */
export interface CopyKeyOptions extends CallOptions {
  /** The revision of the target. */
  readonly ifRevision?: string | null | undefined;
}
