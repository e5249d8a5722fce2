import type { Usage } from '../store/store.ts';

/**
 * The write-back cache as a tree of numbered nodes: what a mount needs and a `Store` cannot give, because an open file follows
 * its node and not its path.
 *
 * Methods answer at once where the answer is here, and with a promise where the service must be asked. They throw (or reject
 * with) `StoreError`. A change is committed before its method answers: it survives the death of the process.
 */
export interface NodeTree {
  /** The number of the root. Smaller numbers are never used: they are left to whoever shows nodes of his own beside the tree. */
  readonly root: number;

  /** The node of this number. Throws `NotFound` when it is gone. A removed file that is still open is found, with `parent` null. */
  get(id: number): TreeNode;
  /** Keeps a node findable by its number, also when it is removed, until the function that this answers is called. Throws `NotFound`. */
  keep(id: number): () => void;
  /** The node called `name`, or undefined. Throws `NotADirectory`. */
  lookup(directory: number, name: string): Answer<TreeNode | undefined>;
  /** All nodes of a directory at this moment. Throws `NotADirectory`. */
  list(directory: number): Answer<readonly TreeNode[]>;
  /**
   * The names of a directory as they become known: what is here at once, the rest while it is read from the database or told by the
   * service. Throws `NotADirectory`, and what keeps the first names from coming.
   */
  readDirectory(directory: number): Answer<NodeListing>;
  /** Milliseconds for which what the tree says about a directory's names may be believed; above 0. */
  freshFor(directory: number): number;

  /** Makes an empty file. Throws `AlreadyExists`. */
  createFile(directory: number, name: string, attributes: NewFile): Answer<TreeNode>;
  /**
   * Makes a symbolic link: a small file at the store, of the name and a suffix. Throws `AlreadyExists`, and `InvalidPath` for a target
   * of no length or more than 4,095 bytes.
   */
  makeLink(directory: number, name: string, target: string, attributes: Ownership): Answer<TreeNode>;
  /** The target of a symbolic link. Throws `Corrupt` for one that no program can have made. */
  readLink(id: number): Answer<string>;
  /** Throws `AlreadyExists`. */
  makeDirectory(directory: number, name: string, attributes: Ownership): Answer<TreeNode>;
  /** Removes a name. Throws `NotFound`, `IsADirectory`, `NotADirectory`, `NotEmpty`. */
  remove(directory: number, name: string, kind: 'file' | 'directory'): Answer<void>;
  /**
   * Moves a node, and replaces what stands at its new place by the rules of rename(2): a file a file, a directory an empty directory.
   * Throws `NotFound`, `AlreadyExists` (with `noReplace`), `IsADirectory`, `NotADirectory`, `NotEmpty`, `InvalidPath` (into itself).
   */
  rename(directory: number, name: string, newDirectory: number, newName: string, mode: RenameMode): Answer<void>;
  /**
   * Changes attributes. Owner and access time stay in the cache; the modification time reaches the store with the next upload; the mode
   * of a file does so by itself, where the store keeps it.
   */
  setAttributes(id: number, changes: AttributePatch): void;
  /**
   * Sets an extended attribute by its full name, or takes it away. Those of files reach the store where it keeps them and `user.NAME`
   * and the value can be metadata; see `Metadata`. Throws `QuotaExceeded` when a node's attributes become larger than 64 KiB.
   */
  setAttribute(id: number, name: string, value: Uint8Array | undefined): void;
  /** Cuts a file, or lengthens it with zeros. */
  truncate(id: number, size: number): Answer<void>;

  /** Opens a file's content; whoever opens releases. With `truncate` it becomes empty at once. */
  open(id: number, mode: { readonly write: boolean; readonly truncate?: boolean }): Answer<OpenFile>;

  /** Runs `work` on the descriptor of an empty file on the disk of the contents, which is gone afterwards. */
  withTrialFile<T>(work: (descriptor: number) => T): T;

  /** How the node stands to the store. */
  stateOf(id: number): NodeState;
  /** Bytes of this disk that a file's content takes, without its holes; undefined while not all of it is here. */
  bytesOnDisk(id: number): number | undefined;
  /**
   * Makes every change that was answered so far survive a power cut; of contents, those that were synced. With write-through the store has what the
   * directory is called then, and what is in it by name, but for files that are being written.
   */
  sync(directory: number, waiter?: Waiter): Promise<void>;
  /** Figures of the account, as fresh as the metadata. */
  usage(): Answer<Usage>;
  /** Calls back when the service changed something that was known differently; answers the function that ends it. */
  onChange(listener: (change: TreeChange) => void): () => void;
}

/** A file or directory as the user sees it. A live view: its fields change as the node does. Times in milliseconds since the epoch. */
export interface TreeNode {
  readonly id: number;
  readonly kind: 'file' | 'directory';
  /** Null for the root, and for what was removed. */
  readonly parent: number | null;
  /** Where a mount shows it. A symbolic link has another name at the store. */
  readonly shownName: string;
  /** Files: a symbolic link. */
  readonly link: boolean;
  /** In bytes, 0 for directories. */
  readonly size: number;
  readonly modified: number;
  /** The last access that is told to programs; about as exact as with `relatime` of mount(8). */
  readonly readAt: number;
  /** Last change of attributes, content or name that was made here. */
  readonly changed: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whether size and times may change at any moment, because a program writes the content itself (`OpenFile.openDirectly`). */
  readonly isRestless: boolean;
  /** Extended attributes by their full names; null for none. */
  readonly attributes: ReadonlyMap<string, Uint8Array> | null;
}

/**
 * The names that a directory had at one moment, in the order in which they became known. A name that is in the directory all the
 * time is at one position.
 */
export interface NodeListing {
  /** How many there are so far. */
  readonly length: number;
  /** Whether no more will come. */
  readonly isWhole: boolean;
  /** What has the name of that position now; where nothing has it, the node that had it, if its name is new here. Undefined where it is gone. */
  at(position: number): TreeNode | undefined;
  /** Resolves when there are more, or all. Rejects when the rest cannot be had. */
  more(): Promise<void>;
}

/** An open file. Reads and writes see each other at once, whoever opened. */
export interface OpenFile {
  readonly node: TreeNode;
  /** Fills `into` from `offset`; the number of bytes, fewer only at the end of the file, or (later) the bytes. */
  read(offset: number, into: Uint8Array, waiter?: Waiter): number | Promise<Uint8Array>;
  /**
   * Writes all of `data`, which is copied if it must wait. Throws `QuotaExceeded` when the disk or the cache's hard limit is
   * full, and `TooLarge` beyond the store's limit.
   */
  write(offset: number, data: Uint8Array, waiter?: Waiter): Answer<number>;
  /** Reserves disk space, and lengthens the file with zeros unless `keepSize`. Throws `QuotaExceeded`. */
  allocate(offset: number, length: number, keepSize: boolean): Answer<void>;
  /**
   * Makes a part zeros, which take no room on the disk where `holes` can see to that. What lies behind the end lengthens the file unless
   * `keepSize`. Throws as `write`.
   */
  clear(offset: number, length: number, keepSize: boolean, holes?: HoleCalls): Answer<void>;
  /**
   * The next byte at or after `offset` that is data (or a hole); undefined where there is none. The end of the file is a hole. Without
   * `holes`, and of what is not whole here, all before the end is data.
   */
  seek(offset: number, whence: 'data' | 'hole', holes?: HoleCalls): number | undefined;
  /**
   * Commits what was written: it survives the death of the process. Of a write-through tree it is then waited until the store has it; throws
   * what kept it from being sent, and `Unavailable` when nothing of it was sent for too long. It stays to be sent.
   */
  flush(waiter?: Waiter): Answer<void>;
  /** Makes it survive a power cut. Waits and throws as `flush`. */
  sync(waiter?: Waiter): Promise<void>;
  /**
   * Lets a program read the data file itself, and where this is open for writing, write and map it, until `release`: for
   * kernels that do so in the place of a mount. What is written there is a change of the file like any other; it is seen soon,
   * and at once by all calls about this node. Undefined where that is not possible: not all of the content is here, or a limit is near and
   * nobody else reaches the file directly (`isShared`).
   *
   * A file that is open directly is never given another content: a newer version of the store gets a node of its own, and
   * this one is removed. Throws `QuotaExceeded`.
   *
   * @param isOpenElsewhere tells whether anybody but this process has a file open: what programs mapped lives on after `release`
   */
  openDirectly(isShared: boolean, isOpenElsewhere?: OpenElsewhere): DirectAccess | undefined;
  /** Takes `openDirectly` back, while nothing was read or written yet. */
  closeDirectly(): void;
  /** Whether it was opened directly, so that somebody may be reading or writing past this open file. */
  readonly isDirect: boolean;
  /** Whether the content may have been changed directly since this was asked last, so that pages that a kernel keeps are old. */
  takeStalePages(): boolean;
  /** Ends the use. Commits like `flush`; never throws. */
  release(): void;
}

/** Whether anybody but this process has the file of a descriptor open; undefined where that cannot be told. */
export type OpenElsewhere = (descriptor: number) => boolean | undefined;

/** Calls about the holes of a data file, by its descriptor. Results below 0 are negative errno numbers. */
export interface HoleCalls {
  /** The next byte at or after `offset` that is data, or a hole (lseek(2)). */
  seek(descriptor: number, offset: number, whence: 'data' | 'hole'): number;
  /** Makes a hole of a part (fallocate(2)). */
  punch(descriptor: number, offset: number, length: number): number;
}

/** Who waits. The signal is asked for only when there is something to wait for: making one costs more than most answers. */
export interface Waiter {
  readonly signal?: AbortSignal | undefined;
}

/** Who may do what with a new node. */
export interface Ownership {
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A file that is about to be made. */
export interface NewFile extends Ownership {
  /** Its content will be opened directly, at once: what that takes is made with the file. @default false */
  readonly direct?: boolean;
}

/** A file's data on this disk. */
export interface DirectAccess {
  /** Of the data file, which holds the whole content. It belongs to the open file, and is closed with it. */
  readonly descriptor: number;
  /** What is written had better come by `OpenFile.write`, because a limit is near. */
  readonly isLimited: boolean;
}

/** Attributes to change; absent ones stay. */
export interface AttributePatch {
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly modified?: number | undefined;
  readonly readAt?: number | undefined;
}

/** The flags of renameat2(2). */
export interface RenameMode {
  readonly noReplace?: boolean;
  /** Swap the two. Both must exist. */
  readonly exchange?: boolean;
}

/** clean: as the store has it; waiting: to be sent; uploading; conflict: a copy kept beside somebody else's version, not sent yet; error: the last try failed. */
export type NodeState = 'clean' | 'waiting' | 'uploading' | 'conflict' | 'error';

/** What the service changed: a file's content, its mode and extended attributes, or the presence of a name. */
export type TreeChange =
  | { readonly kind: 'content'; readonly node: number }
  | { readonly kind: 'attributes'; readonly node: number }
  | { readonly kind: 'added' | 'removed'; readonly node: number; readonly directory: number; readonly name: string };

/** An answer that is here already, or one that is waited for. */
export type Answer<T> = T | Promise<T>;
