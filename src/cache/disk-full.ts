import { StoreError } from '../store/errors.ts';

/** `QuotaExceeded` where `error` says that the disk below the cache is full (ENOSPC, EDQUOT of errno.h); otherwise undefined. */
export function diskFull(error: unknown): StoreError | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return undefined;
  return new StoreError('QuotaExceeded', { message: 'the disk that holds the cache is full', cause: error });
}
