import type { StoreErrorCode } from '../store/errors.ts';
import type { Metadata } from '../store/store.ts';
import type { Edits } from './edits.ts';
import { linkNameOf } from './link-names.ts';
import type { MetadataChanges } from './metadata-changes.ts';
import type { TreeNode } from './node-tree.ts';
import type { Ranges } from './ranges.ts';

/** The root's number. Smaller ones are left to whoever shows nodes of his own beside the tree. */
export const rootNode = 16;

/** Where and as what the store is known to hold a node. */
export interface Synced {
  /** The directory's node, wherever that directory is by now. */
  readonly parent: number;
  readonly name: string;
  /** Files: what the service said of the content. */
  readonly revision?: string | undefined;
  readonly size: number;
  readonly modified: number;
  /** Files: all of it; undefined while nothing has told it. */
  readonly metadata?: Metadata | undefined;
  /** It was told as a file, and may be an empty directory. */
  readonly unsure?: true | undefined;
}

/** Where a node was on its way to when we lost sight of it, sent or moved: it may have arrived, or not. */
export interface Sent {
  readonly parent: number;
  readonly name: string;
  readonly size: number;
  readonly modified: number;
  /** Files: the `contentVersion`. */
  readonly version: number;
}

/** How programs use a data file past the cache. See `DirectFiles`. */
export interface DirectUse {
  readonly content: number;
  /** Open files that reach the data file itself, and those of them that may write it. */
  users: number;
  writers: number;
  /** Somebody who is not counted may be writing it. */
  readonly suspected: boolean;
  /** Whether anything was written in this time. */
  written: boolean;
  /** The data file's time when the last writer closed it; 0 while there was none. */
  endedAt: number;
  /** Nobody has it open, but a program that could write keeps it mapped. */
  mapped: boolean;
}

/** How far an upload has come. */
export interface SendProgress {
  /** In milliseconds since the epoch. */
  readonly since: number;
  /** Handed on to the service; what is sent again counts again. */
  bytes: number;
}

/** Why the last try to send a node failed. */
export interface SendFailure {
  readonly code: StoreErrorCode | 'Unknown';
  readonly message: string;
  /** Waiting alone will not help: the user must change something. */
  readonly permanent: boolean;
}

/**
 * A file or directory of the tree: how the user sees it (`parent`, `name`, `size` ...) and what the store is known to hold
 * (`synced`). The difference between the two is what must be sent; see `changes.ts`.
 */
export class Node implements TreeNode {
  readonly id: number;
  readonly kind: 'file' | 'directory';

  /** Null for the root and for what the user removed. */
  parent: number | null = null;
  /** As at the store; `shownName` is what the user sees. */
  name = '';
  /** Files: the content is the target of a symbolic link; see `link-names.ts`. */
  link = false;
  size = 0;
  modified = 0;
  changed = 0;
  readAt = 0;
  mode = 0;
  uid = 0;
  gid = 0;
  /** Extended attributes by their full names, such as `user.comment`; null for none. */
  attributes: ReadonlyMap<string, Uint8Array> | null = null;
  /** Files: what was changed of the metadata here and the store does not have; null for nothing. */
  metadataChanges: MetadataChanges | null = null;

  synced: Synced | null = null;
  /** Set before the store is asked to take it to a place, and taken back when the outcome is known. */
  sent: Sent | null = null;

  /** Files: the number of the data file on disk; 0 when nothing of the content is here. */
  content = 0;
  /** Files: which bytes of the data file are real; null when all are. The others are those of `synced`. */
  present: Ranges | null = null;
  /** Files: the bytes here are newer than those of `synced`. */
  contentDirty = false;
  /** Files whose bytes here are newer: where they differ from a revision at the store; null: not known. */
  edits: Edits | null = null;
  /** Files: grows whenever the bytes that a reader would see change, by whomever. */
  contentVersion = 1;
  /** Files: written since the last commit, so that size and time on disk are newer than the row. */
  writing = false;
  /** Files that are `writing` past the cache: when the data file was modified, as far as is known; otherwise 0. */
  dataModified = 0;
  /** When the content was last opened, for eviction. */
  accessed = 0;
  /** A copy that was put beside somebody else's version and is not sent yet. */
  conflict = false;

  /** Directories: when the service last told all names, in milliseconds since the epoch; 0 for never. */
  listedAt = 0;
  /** Directories: the loaded children by name; null when they are only in the database. */
  children: Map<string, Node> | null = null;

  /** When it last became different from the store; the upload delay counts from here. */
  dirtiedAt = 0;
  /** Grows with every local change: whoever planned with an older number must plan again. Not kept over a restart. */
  version = 0;
  /** How many `OpenFile`s use the content. */
  opens = 0;
  /** How many requests bring parts of the content. */
  fetching = 0;
  /** Files: programs reach the data file itself. */
  direct: DirectUse | null = null;
  /** Files: the data file was written past the cache, so what a kernel keeps of an earlier use may be older. */
  pagesAreStale = false;
  /** Size or time changed in memory and not yet in the row. */
  unsaved = false;

  /** Ends the upload under way when the content changes; absent when that is no longer useful. */
  cancelUpload: (() => void) | undefined = undefined;
  /** Files: somebody asked not to send the content. */
  held = false;
  /** What is handed on of the content while it is sent; null while it is not. */
  progress: SendProgress | null = null;
  /** A remote operation on this node is running. */
  sending = false;
  attempts = 0;
  /** Not before this time, in milliseconds since the epoch. */
  nextTry = 0;
  /** Of the last try. A permanent one is kept over restarts. */
  failure: SendFailure | undefined = undefined;
  /** The version that failed. */
  failedVersion = 0;

  constructor(id: number, kind: 'file' | 'directory') {
    this.id = id;
    this.kind = kind;
  }

  /** Files: mode or extended attributes differ from what the store has. */
  get metadataDirty(): boolean {
    return this.synced !== null && this.metadataChanges?.refused === false;
  }

  get shownName(): string {
    return this.link ? linkNameOf(this.name) : this.name;
  }

  /** Whether it carries what its row does not tell. */
  get isInUse(): boolean {
    const isOpen = this.opens > 0 || this.direct !== null;
    return isOpen || this.fetching > 0 || this.sending || this.unsaved || this.writing;
  }

  get isRestless(): boolean {
    return this.direct !== null && (this.direct.writers > 0 || this.direct.suspected);
  }
}
