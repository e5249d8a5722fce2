import { setTimeout as sleep } from 'node:timers/promises';
import { isStoreError, type StoreError } from '../store/errors.ts';
import { SourceFailure } from './source-failure.ts';

/** How often and how long a request is repeated. Times in milliseconds. */
export interface RetryOptions {
  /** @default 5 */
  readonly attempts?: number | undefined;
  /** No attempt begins later than this after the first one. @default 60_000 */
  readonly deadline?: number | undefined;
  /** The wait before the first repetition; it doubles, up to `longestDelay`, and half of it is random. @default 100 */
  readonly firstDelay?: number | undefined;
  /** @default 10_000 */
  readonly longestDelay?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether the work may be done again after this failure. @default every failure that is `retryable` */
  readonly mayRepeat?: ((error: StoreError) => boolean) | undefined;
}

/**
 * Does `work` until it succeeds, fails for good, or time is up; then the last failure is thrown. A service's `Retry-After` is
 * obeyed where it fits before the deadline. Only what is safe to do twice belongs here. What a source throws is thrown
 * untouched, an abort as `signal.reason`.
 */
export async function retrying<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 5, deadline = 60_000, signal, mayRepeat = () => true } = options;
  const end = performance.now() + deadline;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (error instanceof SourceFailure) throw error.reason;
      if (!isStoreError(error) || !error.retryable || attempt >= attempts || !mayRepeat(error)) throw error;
      const delay = Math.max(error.retryAfter ?? 0, backOff(attempt, options));
      if (performance.now() + delay > end) throw error;
      await pause(delay, signal);
    }
  }
}

/** Half of it random, so that many clients do not come back at once. */
function backOff(attempt: number, { firstDelay = 100, longestDelay = 10_000 }: RetryOptions): number {
  const longest = Math.min(longestDelay, firstDelay * 2 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}

async function pause(delay: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delay, undefined, { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
