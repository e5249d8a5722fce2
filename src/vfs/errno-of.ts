import { Errno, type ErrnoName } from '../fuse/errno.ts';
import { isStoreError, type StoreError } from '../store/errors.ts';
import { maxNameBytes, nameOf } from '../store/path.ts';
import { isTimedOut } from '../store/timed-out.ts';

/**
 * What the kernel is told of a failure. An interrupted request is EINTR, a `StoreError` and a full or read-only disk have
 * their numbers; anything else comes back untouched, for the session to report.
 */
export function errnoOf(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof Errno) return error;
  if (signal?.aborted === true && error === signal.reason) return Errno.of('EINTR');
  if (isStoreError(error)) return Errno.of(nameOfStoreError(error));
  const name = nameOfDiskError(error);
  return name === undefined ? error : Errno.of(name);
}

/** The table of `StoreErrorCode`s. */
function nameOfStoreError(error: StoreError): ErrnoName {
  const { code } = error;
  switch (code) {
    case 'NotFound':
      return 'ENOENT';
    case 'AlreadyExists':
      return 'EEXIST';
    case 'NotADirectory':
      return 'ENOTDIR';
    case 'IsADirectory':
      return 'EISDIR';
    case 'NotEmpty':
      return 'ENOTEMPTY';
    case 'InvalidPath':
      return Buffer.byteLength(nameOf(error.path ?? '/')) > maxNameBytes ? 'ENAMETOOLONG' : 'EINVAL';
    case 'Unsupported':
      return 'ENOTSUP';
    case 'Unauthenticated':
    case 'PermissionDenied':
      return 'EACCES';
    case 'QuotaExceeded':
      return 'ENOSPC';
    case 'TooLarge':
      return 'EFBIG';
    // The content that was meant is not the one that stands there now: the same as with NFS, and the kernel
    // repeats a call by path once with fresh names.
    case 'Conflict':
      return 'ESTALE';
    case 'RateLimited':
    case 'Unavailable':
      return isTimedOut(error) ? 'ETIMEDOUT' : 'EIO';
    case 'Corrupt':
      return 'EIO';
    default:
      return unknownCode(code);
  }
}

function unknownCode(code: never): never {
  throw new TypeError(`no such error code: ${String(code)}`);
}

/** Failures of the cache's own disk that are worth telling apart (errno(3)); a refused permission there is not the user's file's. */
const diskErrors: ReadonlyMap<unknown, ErrnoName> = new Map<unknown, ErrnoName>([
  ['ENOSPC', 'ENOSPC'],
  ['EDQUOT', 'EDQUOT'],
  ['EFBIG', 'EFBIG'],
  ['EROFS', 'EROFS'],
]);

function nameOfDiskError(error: unknown): ErrnoName | undefined {
  return error instanceof Error ? diskErrors.get((error as NodeJS.ErrnoException).code) : undefined;
}
