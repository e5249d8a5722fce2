import { StoreError } from '../store/errors.ts';

const sqliteFull = 13;

/** `QuotaExceeded` where `error` says that the disk below the cache is full (ENOSPC, EDQUOT of errno.h, SQLITE_FULL of sqlite3.h); otherwise undefined. */
export function diskFull(error: unknown): StoreError | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  const isFull =
    error.code === 'ENOSPC' || error.code === 'EDQUOT' || ('errcode' in error && error.errcode === sqliteFull);
  if (!isFull) return undefined;
  return new StoreError('QuotaExceeded', { message: 'the disk that holds the cache is full', cause: error });
}
