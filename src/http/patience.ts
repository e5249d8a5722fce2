import { isStoreError, type StoreError } from '../store/errors.ts';
import { type Clock, pause, systemClock } from './clock.ts';
import { SourceFailure } from './source-failure.ts';

/** How often and how long something is tried. Times in milliseconds. */
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
  readonly clock?: Clock | undefined;
}

/** Decides after each failure of one piece of work whether it is tried again, and waits until then. */
export class Patience {
  readonly #options: RetryOptions;
  readonly #clock: Clock;
  #failures = 0;
  #end: number;

  constructor(options: RetryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#end = this.#deadline();
  }

  /** The work came further, so attempts and time are counted anew. */
  progress(): void {
    this.#failures = 0;
    this.#end = this.#deadline();
  }

  /**
   * Resolves when it is time for the next attempt. Throws `error` when there is none, the reason of the source for a
   * `SourceFailure`, and `signal.reason` after an abort.
   */
  async afterFailure(error: unknown): Promise<void> {
    const { attempts = 5, signal, mayRepeat = () => true } = this.#options;
    if (signal?.aborted === true) throw signal.reason;
    if (error instanceof SourceFailure) throw error.reason;
    this.#failures++;
    if (!isStoreError(error) || !error.retryable || this.#failures >= attempts || !mayRepeat(error)) throw error;
    const delay = Math.max(error.retryAfter ?? 0, this.#backOff());
    if (this.#clock.now() + delay > this.#end) throw error;
    await pause(this.#clock, delay, signal);
  }

  /** Half of it random, so that many clients do not come back at once. */
  #backOff(): number {
    const { firstDelay = 100, longestDelay = 10_000 } = this.#options;
    const longest = Math.min(longestDelay, firstDelay * 2 ** (this.#failures - 1));
    return longest * (0.5 + Math.random() / 2);
  }

  #deadline(): number {
    return this.#clock.now() + (this.#options.deadline ?? 60_000);
  }
}
