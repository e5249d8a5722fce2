import { Patience, type RetryOptions } from './patience.ts';

export type { RetryOptions } from './patience.ts';

/**
 * Does `work` until it succeeds, fails for good, or time is up; then the last failure is thrown. A service's `Retry-After` is
 * obeyed where it fits before the deadline. Only what is safe to do twice belongs here. What a source throws is thrown
 * untouched, an abort as `signal.reason`.
 */
export async function retrying<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const patience = new Patience(options);
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      await patience.afterFailure(error);
    }
  }
}
