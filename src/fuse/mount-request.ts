/** What is to be mounted where, checked and resolved. */
export interface MountRequest {
  /** Absolute, without symbolic links. */
  readonly mountPoint: string;
  /** The first column of the mount table. */
  readonly source: string;
  /** Behind `fuse.` in the mount table. */
  readonly type: string;
  readonly readOnly: boolean;
  /** Options of the kernel's FUSE file system, none of them with a comma inside. */
  readonly options: readonly string[];
}
