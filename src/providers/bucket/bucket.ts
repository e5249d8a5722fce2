import type { ByteRange, CallOptions, Metadata, Resume, SetMetadataOptions, Source } from '../../store/store.ts';

/**
 * A flat set of keys at a service, as `BucketStore` needs it. It knows keys, not paths: no directory, no parent, no root.
 * Keys are sent byte for byte; they never begin with `/` and are 1 to 1,024 bytes of UTF-8. Failures are `StoreError`s without a
 * path; a key that the service refuses for its name is `InvalidPath` with a sentence about what it refuses. What a source throws
 * is thrown untouched (or as `SourceFailure`), an abort as `signal.reason`.
 */
export interface Bucket {
  /** The store's name: `"s3"`. */
  readonly name: string;
  /** What `usage` tells as the account, for people: `s3://photos`. @default nothing */
  readonly account?: string | undefined;
  readonly capabilities: BucketCapabilities;

  /** That the bucket exists and this account may use it; made where it is missing and `create` was asked for. */
  prepare(options?: CallOptions): Promise<void>;

  /** What is stored under a key, or undefined. */
  head(key: string, options?: CallOptions): Promise<StoredFile | undefined>;

  /**
   * The bytes of a key, or undefined where there is none. `Conflict` where `ifRevision` is not the current one. A range that
   * begins at or behind the end is empty, not an error (services answer 416). One request and one connection: reading on after a
   * break, and several ranges at once, is what `BucketStore` does with it.
   */
  get(key: string, options?: GetOptions): Promise<StoredDownload | undefined>;

  /**
   * Writes a key, atomically, by whatever requests the size needs. Throws `Conflict` for a failed precondition, and the source's
   * error or `Corrupt` for a source that is not as long as it says. The answer is what `head` would tell.
   */
  put(key: string, source: Source, options?: PutOptions): Promise<StoredFile>;

  /** Keys that begin with `prefix` (a key that is the prefix itself too), in the order of their UTF-8 bytes. */
  page(options: PageOptions): Promise<KeyPage>;

  /** Deletes a key; one that does not exist is deleted already. `Conflict` where `ifRevision` is not the current one. */
  delete(key: string, options?: DeleteKeyOptions): Promise<void>;

  /**
   * Deletes keys in as few requests as the service allows; those that do not exist are deleted already. Throws when one of them
   * could not be deleted. `BucketStore` gives at most `deletesAtOnce` keys, and makes several calls at once.
   *
   * Answers the keys that stay because they have another revision than was told: all such, where the service looks at it in the
   * moment of the deletion. Services that cannot do that delete them, so the caller has looked just before.
   */
  deleteAll(keys: readonly string[], options?: DeleteKeysOptions): Promise<readonly string[]>;

  /**
   * Copies at the service, with its metadata. `NotFound` when the source is not (any more) as `from` tells, `Conflict` for the
   * target.
   */
  copy(from: StoredFile, to: string, options?: CopyKeyOptions): Promise<StoredFile>;

  /**
   * Replaces the metadata of a key, and leaves its bytes, its time and its content type. `NotFound` where there is none, `Conflict`
   * where `ifRevision` is not the current one, `TooLarge` where the texts as they are sent do not fit.
   */
  setMetadata(key: string, metadata: Metadata, options?: SetMetadataOptions): Promise<StoredFile>;

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
  /** Of names and texts. All names are kept. */
  readonly maxMetadataBytes: number;
  readonly resumableFrom: number;
  readonly partialFrom: number;
  /** Names that the service does not take, beside what no key can be. @default none */
  readonly refusedNames?: RegExp | undefined;
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
  /** Without the time; absent where the answer did not tell it. */
  readonly metadata?: Metadata | undefined;
}

/** An open key. */
export interface StoredDownload {
  readonly file: StoredFile;
  /** The bytes that were asked for, exactly; throws when they cannot be delivered. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Which bytes of which version. */
export interface GetOptions extends CallOptions {
  /** First byte, from 0; it may lie behind the end. @default 0 */
  readonly offset?: number | undefined;
  /** Number of bytes at the most, 1 or more; cut at the end. @default to the end */
  readonly length?: number | undefined;
  readonly ifRevision?: string | undefined;
}

/** As `WriteOptions` of the contract. */
export interface PutOptions extends CallOptions {
  readonly ifRevision?: string | null | undefined;
  /** Milliseconds since the epoch. @default now */
  readonly modified?: number | undefined;
  readonly contentType?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly unchanged?: readonly ByteRange[] | undefined;
  readonly resume?: Resume | undefined;
}

/** One page of keys. */
export interface PageOptions extends CallOptions {
  readonly prefix: string;
  /** Keys that hold a `/` behind the prefix are summed up by what precedes it, that `/` included. @default false */
  readonly grouped?: boolean | undefined;
  /** What the page before said. */
  readonly next?: string | undefined;
  /**
   * Only keys behind this one, which need not exist. Grouped prefixes that hold such keys are among the answer. With `next` it
   * says nothing.
   */
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

/** Options of `Bucket.deleteAll`. */
export interface DeleteKeysOptions extends CallOptions {
  /** The revision of each key that is deleted; keys without one are deleted whatever they are. */
  readonly revisions?: ReadonlyMap<string, string> | undefined;
}

/** Options of `Bucket.copy`. */
export interface CopyKeyOptions extends CallOptions {
  /** The revision of the target. */
  readonly ifRevision?: string | null | undefined;
}
