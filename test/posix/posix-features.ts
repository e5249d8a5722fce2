/**
 * What a file system may lack and still be one. Where a feature is missing, its cases expect the errno that says so, or that the
 * call is still right with less behind it.
 */
export interface PosixFeatures {
  /** symlink(2); without, ENOTSUP. */
  readonly symbolicLinks: boolean;
  /** link(2); without, ENOTSUP or EPERM. */
  readonly hardLinks: boolean;
  /** mknod(2) of pipes and sockets; without, ENOTSUP or EPERM. */
  readonly specialFiles: boolean;
  /** Extended attributes `user.*`; without, ENOTSUP. */
  readonly extendedAttributes: boolean;
  /** utimensat(2) sets the time of access; without, the time of modification is shown. */
  readonly accessTime: boolean;
  /** The link count of a directory counts its subdirectories (stat(2)); without, it is 1. */
  readonly directoryLinks: boolean;
  /** fallocate(2) with PUNCH_HOLE, ZERO_RANGE; without, ENOTSUP. */
  readonly holePunching: boolean;
  /** SEEK_HOLE finds holes inside, and st_blocks does not count them; without, a file is data up to its end. */
  readonly sparseFiles: boolean;
  /** Names that are no UTF-8; without, EILSEQ. */
  readonly anyBytesInNames: boolean;
  /** open(2) with O_TMPFILE; without, ENOTSUP. */
  readonly unnamedFiles: boolean;
  /** Nanoseconds to which times are kept. */
  readonly timeUnit: number;
}

/** A disk of this machine. */
export const diskFeatures: PosixFeatures = {
  symbolicLinks: true,
  hardLinks: true,
  specialFiles: true,
  extendedAttributes: true,
  accessTime: true,
  directoryLinks: true,
  holePunching: true,
  sparseFiles: true,
  anyBytesInNames: true,
  unnamedFiles: true,
  timeUnit: 1,
};

/** The `data` of a mount; `docs/semantics.md` has the reasons. */
export const mountFeatures: PosixFeatures = {
  symbolicLinks: true,
  hardLinks: false,
  specialFiles: false,
  extendedAttributes: true,
  accessTime: true,
  directoryLinks: false,
  holePunching: true,
  sparseFiles: true,
  anyBytesInNames: false,
  unnamedFiles: false,
  timeUnit: 1000,
};
