import type { Arena } from './arena.ts';

/** What is below a mount: plain files in `Arena.plain`, or the bucket over the line. */
export type Below = 'disk' | 's3';

/** Something that is measured: a kind of mount, or the plain disk. */
export interface Subject {
  readonly name: string;
  readonly below: Below;
  /** What must be installed, with the command that tells. */
  readonly needs?: string | undefined;
  /** Mounts; a cache directory that was used before is gone on with. Whoever opens closes. */
  readonly open: (arena: Arena, place: MountPlace) => Promise<OpenSubject>;
}

/** Where a mount is made. */
export interface MountPlace {
  /** Does not exist yet. */
  readonly mountPoint: string;
  /** What the subject keeps between two mounts. */
  readonly cache: string;
}

/** A mount that is in use. */
export interface OpenSubject {
  /** Where the files are. */
  readonly directory: string;
  /** Where plain files with the contents of a working directory are: brought back into memory before the mount is read cold. */
  readonly contents?: ((work: string) => string) | undefined;
  /** Sends everything now, where the subject can be told to. */
  readonly sync?: ((signal: AbortSignal) => Promise<void>) | undefined;
  readonly close: () => Promise<void>;
}
