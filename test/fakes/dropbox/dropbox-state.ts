import type { DropboxDisk } from './dropbox-disk.ts';

/** What calls work on. */
export interface DropboxState {
  readonly disk: DropboxDisk;
  readonly sessions: Map<string, Buffer>;
  /** Parts by where they begin, of sessions that take them in any order. */
  readonly concurrent: Map<string, Map<number, Buffer>>;
  /** Those that take no more bytes. */
  readonly closed: Set<string>;
  readonly cursors: Map<string, Cursor>;
  readonly jobs: Map<string, object>;
  /** So many entries of batches are refused because the service is too busy. */
  busyEntries: number;
  /** Seconds that a client must wait between two long polls; it is told so. */
  backoff: number | undefined;
  /** Entries of a page at the most, whatever is asked for. */
  readonly pageEntries: number;
}

/** How far somebody has been told of a folder. */
export interface Cursor {
  readonly path: string;
  readonly recursive: boolean;
  /** Of a listing. */
  readonly rest: readonly object[];
  /** Changes of the disk's journal that are known to him. */
  readonly journal: number;
}
