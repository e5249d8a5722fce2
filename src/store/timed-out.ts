import { StoreError, type StoreErrorOptions } from './errors.ts';

/** Codes of libuv and undici for a wait that lasted too long. */
const codes: ReadonlySet<unknown> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

const longestChain = 8;

/** Whether a failure, or what caused it, is that somebody waited for too long. */
export function isTimedOut(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < longestChain && cause instanceof Error; depth++) {
    if (cause.name === 'TimeoutError' || ('code' in cause && codes.has(cause.code))) return true;
    cause = cause.cause;
  }
  return false;
}

/** The failure of a call that was not answered for so many milliseconds: `Unavailable`, and `isTimedOut` knows it. */
export function timedOut(
  milliseconds: number,
  call: Pick<StoreErrorOptions, 'operation' | 'path' | 'store'>,
): StoreError {
  const message = `the service did not answer in ${milliseconds / 1000} s`;
  return new StoreError('Unavailable', { ...call, message, cause: new DOMException(message, 'TimeoutError') });
}
