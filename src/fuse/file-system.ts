/**
 * What a file system answers to the kernel: one method for each request of the FUSE protocol (linux/fuse.h), in plain values.
 *
 * A method answers at once or with a promise; while a promise waits, every other request is served. A method that is absent
 * answers ENOSYS, which the kernel remembers for most requests and does not ask again. A failure is a thrown `Errno`; anything
 * else that is thrown is reported to `SessionOptions.onError` and answered with EIO.
 */
export interface FileSystem {
  /** After INIT, with what the kernel agreed to. */
  start?(connection: Connection): void;
  /** The kernel has gone: unmounted or aborted. */
  stop?(): void;

  /** Finds a name. Counts as one lookup of the node found. A missing name answers `{ node: 0 }` with a time for which the absence holds. */
  lookup(parent: number, name: string, request: Request): Answer<EntryReply>;
  /** The kernel dropped `count` of its lookups; at none the node's number may be forgotten. Never answered. */
  forget(node: number, count: number): void;

  getattr(node: number, handle: number | undefined, request: Request): Answer<AttributesReply>;
  setattr?(node: number, changes: AttributeChanges, request: Request): Answer<AttributesReply>;

  readlink?(node: number, request: Request): Answer<string>;
  symlink?(parent: number, name: string, target: string, request: Request): Answer<EntryReply>;
  link?(node: number, parent: number, name: string, request: Request): Answer<EntryReply>;
  mknod?(parent: number, name: string, mode: number, request: Request): Answer<EntryReply>;
  mkdir?(parent: number, name: string, mode: number, request: Request): Answer<EntryReply>;
  unlink?(parent: number, name: string, request: Request): Answer<void>;
  rmdir?(parent: number, name: string, request: Request): Answer<void>;
  rename?(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: RenameFlags,
    request: Request,
  ): Answer<void>;

  open(node: number, flags: number, request: Request): Answer<OpenReply>;
  /** Creates and opens; `flags` are those of open(2), O_CREAT included. Counts as one lookup. */
  create?(parent: number, name: string, mode: number, flags: number, request: Request): Answer<CreateReply>;
  /**
   * Fills `into` and returns the number of bytes, fewer only at the end of the file. `into` belongs to the session and is valid
   * during the call only; an answer that comes later brings its own bytes.
   */
  read(node: number, handle: number, offset: number, into: Uint8Array, request: Request): number | Promise<Uint8Array>;
  /** `data` is valid during the call only: copy it before waiting for anything. */
  write?(node: number, handle: number, offset: number, data: Uint8Array, request: Request): Answer<number>;
  /** close(2) of one descriptor; its error is what close returns. Not sent for handles opened with `noFlush`. */
  flush?(node: number, handle: number, request: Request): Answer<void>;
  /** The last descriptor is closed. Nobody sees an error. */
  release(node: number, handle: number, request: Request): Answer<void>;
  fsync?(node: number, handle: number, dataOnly: boolean, request: Request): Answer<void>;
  fallocate?(
    node: number,
    handle: number,
    offset: number,
    length: number,
    mode: number,
    request: Request,
  ): Answer<void>;
  /** SEEK_DATA (3) and SEEK_HOLE (4); the kernel does the others itself. */
  lseek?(node: number, handle: number, offset: number, whence: number, request: Request): Answer<number>;

  opendir(node: number, flags: number, request: Request): Answer<OpenReply>;
  /**
   * Adds entries from the position `offset` (0 at first, then the `next` of an entry that was added) until the listing
   * ends or `listing.add` returns false. With `listing.plus`, every entry added with a reply counts as one lookup. None added means
   * that the listing has ended.
   *
   * `listing` is valid during the call only. Where nothing can be added yet, nothing is, and the answer is a promise of the step that
   * does it: a call that adds as above, made when the reply is about to be sent.
   */
  readdir(
    node: number,
    handle: number,
    offset: number,
    listing: DirectoryListing,
    request: Request,
  ): void | Promise<() => void>;
  releasedir(node: number, handle: number, request: Request): Answer<void>;
  fsyncdir?(node: number, handle: number, dataOnly: boolean, request: Request): Answer<void>;

  statfs(node: number, request: Request): Answer<FileSystemStatistics>;
  getxattr?(node: number, name: string, request: Request): Answer<Uint8Array>;
  listxattr?(node: number, request: Request): Answer<string[]>;
  setxattr?(node: number, name: string, value: Uint8Array, flags: number, request: Request): Answer<void>;
  removexattr?(node: number, name: string, request: Request): Answer<void>;
}

/** An answer at once, or a promise while other requests are served. */
export type Answer<T> = T | Promise<T>;

/** Who asks. */
export interface Request {
  /** The kernel's number of this request. */
  readonly unique: number;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  /** Aborted when the kernel interrupts the request (a signal arrived); then answer soon, best with EINTR. */
  readonly signal: AbortSignal;
}

/** What INIT settled, and how to tell the kernel that something changed behind its back. */
export interface Connection {
  /** Protocol minor, the smaller of both sides. */
  readonly minor: number;
  /** Largest data of one write request in bytes. */
  readonly maxWrite: number;
  readonly notify: Notifier;
  /** Absent where the kernel cannot read files in the place of ours, or was not asked to (`SessionOptions.passthrough`). */
  readonly backing?: BackingFiles | undefined;
  /** For file systems that keep their content in files of this machine, whose holes Node does not know. */
  readonly holes?: HoleCalls | undefined;
}

/**
 * Notifications (FUSE_NOTIFY_* of linux/fuse.h). The kernel may wait for a page of the inode that a pending request holds, so
 * each is sent off the request's own thread; the promise settles when the kernel took it. A node or name that the kernel does not know is a success.
 */
export interface Notifier {
  /** Forget attributes and cached pages; with `attributesOnly` the pages stay. */
  invalidateNode(node: number, attributesOnly?: boolean): Promise<void>;
  /** Forget what `name` in `parent` is, also that it is missing. */
  invalidateEntry(parent: number, name: string): Promise<void>;
  /** As `invalidateEntry`, and the node has no link any more; a directory that the kernel still uses is looked up again instead. */
  deleteEntry(parent: number, node: number, name: string): Promise<void>;
}

/** stat(2) without the parts that the kernel adds. Times in milliseconds since the epoch, fractions welcome. */
export interface Attributes {
  readonly ino: number;
  readonly size: number;
  /** Units of 512 bytes. */
  readonly blocks: number;
  /** Type and permissions (S_IFDIR and so on of sys/stat.h). */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
}

/** A name's node. `node: 0` means that there is none, and that this may be believed for `entryTimeout`. */
export type EntryReply =
  | {
      readonly node: number;
      readonly attributes: Attributes;
      /** Seconds for which the kernel may believe the name and the attributes. */
      readonly entryTimeout: number;
      readonly attributeTimeout: number;
    }
  | { readonly node: 0; readonly entryTimeout: number };

/** The attributes of a node (fuse_attr_out). */
export interface AttributesReply {
  readonly attributes: Attributes;
  /** Seconds for which the kernel may believe them. */
  readonly attributeTimeout: number;
}

/** FOPEN_* of linux/fuse.h, by name. */
export interface OpenReply {
  readonly handle: number;
  /** Pages cached from an earlier open are still right. */
  readonly keepCache?: boolean;
  /** Every read and write comes here, with no page cache between. */
  readonly directIo?: boolean;
  /** `flush` is not wanted. */
  readonly noFlush?: boolean;
  /** opendir: the kernel may keep the listing, and use one that it kept with `keepCache`. */
  readonly cacheDirectory?: boolean;
  /**
   * A number of `BackingFiles`: the kernel reads, writes and maps that file in the place of this one. With `directIo` it only
   * maps it. While any handle of a node has one, all of its handles must, and the same: an open that differs fails with EIO.
   * Never with `keepCache`.
   */
  readonly backing?: number;
}

/** Files of this machine that the kernel uses in the place of ours (FUSE_DEV_IOC_BACKING_OPEN of linux/fuse.h, Linux 6.9). */
export interface BackingFiles {
  /**
   * Lends a regular file to the kernel: a number for `OpenReply.backing`, above 0, or a negative errno. EPERM: that needs
   * CAP_SYS_ADMIN; ELOOP: the file is on a file system that lies on another one. The descriptor may be closed afterwards.
   */
  open(descriptor: number): number;
  /** Takes the number back. Handles that were opened with it keep the file. */
  close(backing: number): void;
  /**
   * Whether anybody but the caller has a file open, which is open for writing here: programs keep what they mapped after the last RELEASE, since
   * their mapping is one of the backing file (fs/backing-file.c). Undefined where that cannot be told.
   */
  isOpenElsewhere(descriptor: number): boolean | undefined;
}

/** What the kernel knows of the holes of a file of this machine, by its descriptor. Results below 0 are negative errno numbers. */
export interface HoleCalls {
  /** lseek(2): the next byte at or after `offset` that is data, or a hole; -ENXIO where there is none. The descriptor's position moves. */
  seek(descriptor: number, offset: number, whence: 'data' | 'hole'): number;
  /** fallocate(2): makes a hole of a part. The length of the file stays. -EOPNOTSUPP where the file system below has no holes. */
  punch(descriptor: number, offset: number, length: number): number;
}

/** A new file, found and opened in one request. */
export interface CreateReply {
  readonly entry: EntryReply;
  readonly open: OpenReply;
}

/** FUSE_SETATTR: what is to change. Times in milliseconds, `'now'` is the daemon's clock. */
export interface AttributeChanges {
  readonly handle?: number | undefined;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly size?: number | undefined;
  readonly atime?: number | 'now' | undefined;
  readonly mtime?: number | 'now' | undefined;
}

/** RENAME_NOREPLACE and RENAME_EXCHANGE of renameat2(2). */
export interface RenameFlags {
  readonly noReplace: boolean;
  readonly exchange: boolean;
}

/** Takes directory entries until the kernel's buffer is full. */
export interface DirectoryListing {
  /** Whether entries carry their attributes (READDIRPLUS). */
  readonly plus: boolean;
  /**
   * Adds one; false when there was no room, and it was not added. `next` is the position after it. `reply` is used with `plus`;
   * without one (`.` and `..`) the kernel takes the name alone.
   */
  add(name: string, ino: number, directory: boolean, next: number, reply?: EntryReply): boolean;
}

/** statfs(2), in units of `blockSize`. */
export interface FileSystemStatistics {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly files: number;
  readonly filesFree: number;
}
