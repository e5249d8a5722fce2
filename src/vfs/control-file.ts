import type { Answer } from '../fuse/file-system.ts';

/** A file of the mount that is not in the store: a report, the configuration, or a text that will become one. */
export interface ControlFile {
  readonly ino: number;
  /** Permission bits; a file that nobody may write cannot be opened for writing or truncated, not even by root. */
  readonly permissions: number;
  /** In bytes, as an open would show it now. */
  readonly size: number;
  readonly modified: number;
  open(flags: number): OpenControlFile;
  /** Changes the size by path, with no descriptor. */
  truncate(size: number): void;
}

/** An open control file. */
export interface OpenControlFile {
  readonly size: number;
  read(offset: number, into: Uint8Array): number;
  write(offset: number, data: Uint8Array): void;
  truncate(size: number): void;
  /** close(2); what it throws is what close returns. */
  flush(): Answer<void>;
}
