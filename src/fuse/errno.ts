/** Error numbers of Linux (asm-generic/errno-base.h, errno.h) that a file system answers with. */
export const errnoNumbers = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENODATA: 61,
  ENXIO: 6,
  EILSEQ: 84,
  ENOTSUP: 95,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ESTALE: 116,
  EDQUOT: 122,
} as const;

/** The symbolic name of an error number. */
/** `"ENOENT"` and the others. */
export type ErrnoName = keyof typeof errnoNumbers;

/**
 * A system error as an answer. One instance a name, made once: throwing one costs no stack trace, and requests fail all
 * the time in the life of a file system.
 */
export class Errno extends Error {
  readonly code: ErrnoName;
  readonly number: number;

  private constructor(code: ErrnoName) {
    super(code);
    this.code = code;
    this.number = errnoNumbers[code];
  }

  static readonly #made = new Map<ErrnoName, Errno>();

  /** The one instance of this name. */
  static of(code: ErrnoName): Errno {
    let made = Errno.#made.get(code);
    if (made === undefined) Errno.#made.set(code, (made = new Errno(code)));
    return made;
  }
}
