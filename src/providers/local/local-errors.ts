import { StoreError, type StoreErrorCode } from '../../store/errors.ts';

/** What each errno (errno(3), and what the calls' man pages say of it) means to a store. Others are `Unavailable`. */
const codes: Readonly<Record<string, StoreErrorCode>> = {
  ENOENT: 'NotFound',
  EEXIST: 'AlreadyExists',
  ENOTDIR: 'NotADirectory',
  EISDIR: 'IsADirectory',
  ENOTEMPTY: 'NotEmpty',
  ENAMETOOLONG: 'InvalidPath',
  EILSEQ: 'InvalidPath',
  EINVAL: 'InvalidPath',
  EACCES: 'PermissionDenied',
  EPERM: 'PermissionDenied',
  EROFS: 'PermissionDenied',
  ELOOP: 'PermissionDenied',
  ENOSPC: 'QuotaExceeded',
  EDQUOT: 'QuotaExceeded',
  EMLINK: 'QuotaExceeded',
  EFBIG: 'TooLarge',
  EOPNOTSUPP: 'Unsupported',
};

/** The call that failed, for the error. */
export interface LocalCall {
  readonly operation: string;
  readonly path: string;
  readonly store: string;
}

/** An error that is not the file system's, on its way through code that translates those: a source's own failure. */
export class ForeignError {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Something that this store itself refuses; it becomes a `StoreError` of the call that was made. */
export class LocalRefusal extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error to be thrown for `error`: failed system calls become a `StoreError`, everything else stays what it is. */
export function localError(error: unknown, call: LocalCall): unknown {
  if (error instanceof ForeignError) return error.error;
  if (error instanceof LocalRefusal) return new StoreError(error.code, { ...call, message: error.message });
  const code = errnoOf(error);
  if (code === undefined) return error;
  return new StoreError(codes[code] ?? 'Unavailable', { ...call, message: (error as Error).message, cause: error });
}

/** The errno of a failed system call by name (`ENOENT`); undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return undefined;
  return (error as NodeJS.ErrnoException).code;
}

/** The result of a system call, or undefined when it failed with one of these. */
export async function tolerating<T>(call: Promise<T>, ...ignored: readonly string[]): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (ignored.includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}
