/**
 * errno(3) of what a disk cannot give back, and of a data file that is gone or is none any more. What a program may cause by itself (too
 * many open files, no memory) is not among them.
 */
const codes: ReadonlySet<unknown> = new Set([
  'EIO',
  'ENOENT',
  'EISDIR',
  'ENXIO',
  'EUCLEAN',
  'EBADMSG',
  'ELOOP',
  'ENOTDIR',
]);

/** Whether an error of the file system says that a data file cannot be read. */
export function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error && codes.has(error.code);
}
