import type { Capabilities } from './capabilities.ts';

export type { Capabilities } from './capabilities.ts';

/**
 * THE CONTRACT: one interface over every service that keeps files.
 *
 * The laws. Each is checked by the conformance suite (`cloudfusion/conformance`) for every store:
 *
 * 1. **Paths are canonical** (`/a/b`, the root is `/`). Anything else throws `InvalidPath` before any request.
 *    Names go to the service byte for byte: spaces, `%`, `+`, quotes, `..x`, emoji, 255 bytes of UTF-8; NFC and NFD differ.
 * 2. **No optional methods.** A store whose service lacks an operation builds it from others (`fallbacks.ts`).
 * 3. **`list` is whole or throws**, and it streams. A missing directory is `NotFound`, never an empty listing.
 * 4. **`write` is atomic** and returns the new entry. Readers see the old file or the new one. `ifRevision: null` means
 *    "must not exist"; a failed precondition is `Conflict` and changes nothing.
 * 5. **`write`, `makeDirectory`, `delete` and `deleteAll` are idempotent**: a repetition after a lost answer succeeds and changes nothing.
 *    (A repeated *conditional* write may be a `Conflict` with itself; callers compare before they believe it.)
 * 6. **An aborted call rejects with `signal.reason`**, soon, and leaves the old state or the new one.
 * 7. **`close` flushes, then closes what it wraps.** It may be called twice.
 * 8. **`capabilities` describe the stack as seen from above**, and each flag is one that some caller branches on.
 * 9. **Missing parent directories are created** by `write`, `makeDirectory`, `copy` and `move`, because on most services
 *    they cost nothing. A parent that is a file is `NotADirectory`.
 * 10. **A file's metadata belongs to its version.** `write` replaces it with the content, `copy` and `move` keep it, `setMetadata`
 *    replaces it alone. `stat`, `write` and `setMetadata` tell it wherever `capabilities.metadata` is not `none`, `read` and `list`
 *    where that costs no request more; a cache leaves out what it never learned while its store cannot be reached. What the store cannot keep is `Unsupported` and changes nothing; it is never dropped in silence.
 * 11. **`changes` leaves nothing out**, whoever made the change. It may tell what was known already, late, in any order and more than once;
 *    what it tells of a directory counts for everything below. A position that the service does not know (any more) is answered by
 *    `everything`.
 */
export interface Store {
  /** What this store is, layers outside: `"s3"`, `"statistics(s3)"`. For messages, not for decisions. */
  readonly name: string;
  readonly capabilities: Capabilities;

  /** The entry at `path`. Throws `NotFound` where there is none; the root always exists. */
  stat(path: string, options?: CallOptions): Promise<Entry>;

  /**
   * The entries directly inside the directory `path` (with `recursive`, everything below it, parents before children),
   * in no particular order, never `path` itself. Throws `NotFound`, or `NotADirectory` for a file.
   */
  list(path: string, options?: ListOptions): AsyncIterable<Entry>;

  /**
   * Opens a file for reading, whole or a range. A range that reaches past the end is cut at the end; one that begins
   * there is empty. The caller iterates `body` (leaving early is fine) or aborts the signal.
   * Throws `NotFound`, `IsADirectory`, and `Conflict` where `ifRevision` is not the file's revision.
   */
  read(path: string, options?: ReadOptions): Promise<Download>;

  /**
   * Creates or replaces a file, atomically. Throws `IsADirectory`, `Conflict`, `TooLarge`, `QuotaExceeded`; `Corrupt` when the
   * source gives more or fewer bytes than its size; and what the source itself throws, untouched.
   */
  write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry>;

  /**
   * Replaces the metadata of a file and leaves its content and its `modified` as they are. The revision may be another afterwards, or
   * the same. Answers the entry as it is then. Throws `NotFound`, `IsADirectory`, `Conflict`, `TooLarge`; `Unsupported` as `write`
   * does, and always where `capabilities.metadata` is `none`.
   */
  setMetadata(path: string, metadata: Metadata, options?: SetMetadataOptions): Promise<FileEntry>;

  /** Makes a directory; one that exists is a success, a file of that name is `AlreadyExists`. */
  makeDirectory(path: string, options?: CallOptions): Promise<void>;

  /**
   * Deletes a file or a directory, and nothing beside it; what does not exist is deleted already. A directory with entries
   * is `NotEmpty` unless `recursive`. The root cannot be deleted (`InvalidPath`).
   */
  delete(path: string, options?: DeleteOptions): Promise<void>;

  /**
   * Deletes what the caller knows, and nothing else, in as few requests as the service allows: each file in the revision that is
   * told (whatever file stands there, where none is), each directory in which nothing is left. What does not exist is deleted
   * already. What is not as told stays, with the directories above it: another revision, the other kind, a directory that holds
   * anything else. Answers which of the paths that were told stay for that reason, in no particular order.
   *
   * Entries come in any order, each path once. It is not one step: a failure leaves some deleted, and a repetition goes on. Throws
   * `InvalidPath` for the root, before anything is changed.
   */
  deleteAll(entries: readonly KnownEntry[], options?: CallOptions): Promise<string[]>;

  /**
   * Copies a file, or a directory with all below it. `to` names the copy itself, not its parent.
   *
   * A file replaces a file; a file onto a directory is `IsADirectory`, a directory onto a file `NotADirectory`, a directory
   * onto a directory `AlreadyExists`. Into itself is `InvalidPath`; onto itself succeeds and changes nothing.
   */
  copy(from: string, to: string, options?: TransferOptions): Promise<void>;

  /**
   * Renames; the same rules as `copy`. A file's move is atomic where the service can; a directory's may be seen half done. The
   * revision may be another afterwards.
   */
  move(from: string, to: string, options?: TransferOptions): Promise<void>;

  /** What the account holds. Figures that the service does not tell are absent. */
  usage(options?: CallOptions): Promise<Usage>;

  /**
   * What was changed after the position `since`, which an earlier call answered: where to look again. Without a position nothing is told,
   * and the present one answered. Throws `Unsupported` where `capabilities.changes` is `none`.
   */
  changes(since: string | undefined, options?: ChangesOptions): Promise<Changes>;

  /** Finishes what was begun, releases connections and files, closes the wrapped store. */
  close(): Promise<void>;
}

/** Options of every call. */
export interface CallOptions {
  /** Aborts the call, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `Store.list`. */
export interface ListOptions extends CallOptions {
  /** Everything below the directory instead of its direct entries. @default false */
  readonly recursive?: boolean | undefined;
  /** Asks nothing about single names: what may be a file or a directory is told as an `unsure` file. @default false */
  readonly quick?: boolean | undefined;
}

/** Options of `Store.read`. */
export interface ReadOptions extends CallOptions {
  /** First byte, from 0. @default 0 */
  readonly offset?: number | undefined;
  /** Number of bytes at the most. @default to the end */
  readonly length?: number | undefined;
  /** The revision that must still be current, else `Conflict`. */
  readonly ifRevision?: string | undefined;
}

/** Options of `Store.write`. */
export interface WriteOptions extends CallOptions {
  /** The revision that is replaced, or null: the file must not exist. Otherwise `Conflict`. @default no condition */
  readonly ifRevision?: string | null | undefined;
  /** Modification time to keep, in milliseconds since the epoch, where `capabilities.modified` says so. @default now */
  readonly modified?: number | undefined;
  /**
   * Where the source has the same bytes at the same offsets as the revision `ifRevision`: a store may take them from there
   * instead of sending them, from `capabilities.partialFrom` bytes on. Sorted and disjoint.
   * Without such a revision it says nothing.
   */
  readonly unchanged?: readonly ByteRange[] | undefined;
  /**
   * Kept with the new version. Names that `capabilities.metadata` does not include are `Unsupported`, more than
   * `capabilities.maxMetadataBytes` is `TooLarge`, and a name that is none is a `TypeError`; all before anything is changed.
   * @default none, but for a store of modes, which gives a new file its usual mode and keeps that of a file it replaces
   */
  readonly metadata?: Metadata | undefined;
  /** Lets a large upload go on where an earlier call ended, from `capabilities.resumableFrom` bytes on. */
  readonly resume?: Resume | undefined;
}

/** The bytes from `start` up to but without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * How a large upload outlives an error, an abort and the end of the process. What is saved names the upload at the service;
 * it may be as good as a key to it, so it is kept like a secret. One that fits no upload (any more) is as if there were none.
 */
export interface Resume {
  /** What the last call saved, for the same path and the very same content. */
  readonly saved?: string | undefined;
  /** What was saved for content that is no longer wanted: its upload is given up, as far as the service still has it. */
  readonly obsolete?: string | undefined;
  /** Keeps `state` in the place of all earlier ones; undefined: there is nothing to go on from. */
  save(state: string | undefined): void;
}

/** Options of `Store.delete`. */
export interface DeleteOptions extends CallOptions {
  /** With everything below. @default false */
  readonly recursive?: boolean | undefined;
  /** For files: the revision that is deleted, else `Conflict`, as it is for a directory. What does not exist is no conflict. */
  readonly ifRevision?: string | undefined;
}

/** What a caller of `Store.deleteAll` knows to stand at a path. An `Entry` is one. */
export type KnownEntry =
  | { readonly kind: 'file'; readonly path: string; readonly revision?: string | undefined }
  | { readonly kind: 'directory'; readonly path: string };

/** Options of `Store.setMetadata`. */
export interface SetMetadataOptions extends CallOptions {
  /** The revision that the file must have, else `Conflict`. @default no condition */
  readonly ifRevision?: string | undefined;
}

/** Options of `Store.copy` and `Store.move`. */
export interface TransferOptions extends CallOptions {
  /** The revision of the *target* that is replaced, or null: the target must not exist. @default no condition */
  readonly ifRevision?: string | null | undefined;
}

/**
 * Small texts that are kept beside a file's content: names of the form `[a-z0-9][a-z0-9.-]*` (services make `-` of `_`) to texts of well-formed Unicode, empty
 * ones too. Names of fixed meaning are those of rclone's `--metadata`: `mode` is the octal `st_mode` (`"100644"`; `"120777"` is a
 * symbolic link), `uid` and `gid` are decimal, `atime` and `btime` RFC 3339. `mtime` is no name of metadata: `modified` is that.
 */
export type Metadata = Readonly<Record<string, string>>;

/** A file as the service knows it. */
export interface FileEntry {
  readonly kind: 'file';
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  /** Changes whenever the content changes; opaque. Absent where the service has none. */
  readonly revision?: string | undefined;
  /** Stays when the file is renamed. Absent where the service has none. */
  readonly id?: string | undefined;
  /** All of it, `{}` where it is known that there is none; absent where this call does not tell it, as most listings and some reads do not. */
  readonly metadata?: Metadata | undefined;
  /** In `quick` listings only: this may be an empty directory. `stat` knows, and so does a listing that is not `quick`. */
  readonly unsure?: true | undefined;
}

/** A directory as the service knows it. */
export interface DirectoryEntry {
  readonly kind: 'directory';
  readonly path: string;
  /** Milliseconds since the epoch, where the service keeps it. */
  readonly modified?: number | undefined;
  readonly id?: string | undefined;
}

/** What stands at a path. */
export type Entry = FileEntry | DirectoryEntry;

/** An open file: what it is, and the bytes that were asked for. */
export interface Download {
  /** The whole file's entry, also when only a range was asked for. */
  readonly entry: FileEntry;
  /** The bytes, once. It throws `Unavailable` or `Corrupt` when it cannot deliver all of them; it never ends early in silence. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Content to be written: sized, and readable again and again, so a retry or a resumed upload needs no memory.
 * A `Blob` is a `Source`; see `source.ts` for bytes and files.
 */
export interface Source {
  /** In bytes. */
  readonly size: number;
  /** The bytes from `start` up to but without `end`. */
  slice(start: number, end: number): Source;
  /**
   * All bytes, from the beginning, each time it is called. A chunk is the reader's until the next one is asked for: then its memory
   * may be used again, so whoever keeps it copies it.
   */
  stream(): AsyncIterable<Uint8Array>;
}

/** Options of `Store.changes`. */
export interface ChangesOptions extends CallOptions {
  /** Where `capabilities.changes` is `wait`: while nothing has changed, the answer waits, about so many milliseconds. @default 0 */
  readonly wait?: number | undefined;
}

/** An answer of `Store.changes`. */
export interface Changes {
  /** From where to ask the next time. It outlives the process. */
  readonly position: string;
  readonly told: readonly ToldChange[];
  /** There is more to tell now. */
  readonly more: boolean;
  /** Anything may have changed since: the service has forgotten the position that was asked for. */
  readonly everything: boolean;
  /** Until when, in milliseconds since the epoch, there is nothing that was not told. @default the moment of the call */
  readonly until?: number | undefined;
}

/** A place to look at again. Where `capabilities.caseSensitive` is false the path may be in another spelling than listings have. */
export interface ToldChange {
  readonly path: string;
  /** What stands there, or null: nothing. Absent where the service does not tell. */
  readonly entry?: Entry | null | undefined;
}

/** What an account holds, as far as its service tells. */
export interface Usage {
  /** Bytes in use. */
  readonly used?: number | undefined;
  /** Bytes that fit. */
  readonly total?: number | undefined;
  /** Whose account it is, for people. */
  readonly account?: string | undefined;
}
