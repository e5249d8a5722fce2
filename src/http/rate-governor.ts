import { type Clock, systemClock } from './clock.ts';

/** Options of `RateGovernor`. */
export interface RateGovernorOptions {
  /** Most requests that wait for their answers at the same time. @default 64 */
  readonly most?: number | undefined;
  /** With how many it begins. @default 16 */
  readonly first?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** How a request ended, for the governor; `throttled`: the service had enough of us. */
export type RequestOutcome = 'success' | 'throttled' | 'failure';

/** A request that may wait for its answer. */
export interface Place {
  /** Requests that began before the last halving do not halve again. */
  readonly round: number;
}

/** Longest that a service's `Retry-After` holds everybody up: what is longer concerns the one call that it was said to. */
const longestPause = 60_000;

/**
 * How many requests go to one service at the same time, so that it is slowed down before calls fail. The limit grows by one
 * with each answer, and after the first refusal by one with each round of answers; a refusal (429, 503) halves it, once
 * for all requests that were under way together, and its `Retry-After` holds everybody (additive increase, multiplicative decrease:
 * Chiu and Jain 1989, as in TCP). Who waits comes first.
 *
 * A place is for waiting for an answer, not for reading it: a reader that waits for another one cannot block the service.
 */
export class RateGovernor {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #limit: number;
  #isSlowStart = true;
  #running = 0;
  #round = 0;
  #pausedUntil = 0;
  #wakeIsSet = false;

  constructor({ most = 64, first = 16, clock = systemClock }: RateGovernorOptions = {}) {
    this.#most = most;
    this.#limit = Math.min(first, most);
    this.#clock = clock;
  }

  /** How many requests may wait for their answers now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** How many do. */
  get running(): number {
    return this.#running;
  }

  /**
   * Resolves when a request may begin, in the order of the calls; its place must be left once. Throws `signal.reason` when that
   * comes first.
   */
  async enter(signal?: AbortSignal): Promise<Place> {
    signal?.throwIfAborted();
    if (this.#waiting.size > 0 || !this.#hasRoom()) await this.#turn(signal);
    else this.#running++;
    return { round: this.#round };
  }

  /** A request has its answer, or will have none. `retryAfter`: milliseconds for which the service wants no other. */
  leave({ round }: Place, outcome: RequestOutcome, retryAfter?: number): void {
    this.#running--;
    if (outcome === 'throttled') this.#slowDown(round, retryAfter);
    else if (outcome === 'success')
      this.#limit = Math.min(this.#most, this.#limit + (this.#isSlowStart ? 1 : 1 / this.#limit));
    this.#admit();
  }

  /** The service said in an answer's body that it had enough; for requests that have ended already. */
  throttled(retryAfter?: number): void {
    this.#slowDown(this.#round, retryAfter);
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        this.#waiting.delete(begin);
        signal?.removeEventListener('abort', giveUp);
        this.#running++;
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(begin);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(begin);
      this.#admit();
    });
  }

  #slowDown(round: number, retryAfter = 0): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + Math.min(retryAfter, longestPause));
    if (round !== this.#round) return;
    this.#isSlowStart = false;
    this.#limit = Math.max(1, this.#limit / 2);
    this.#round++;
  }

  #hasRoom(): boolean {
    return this.#running < this.limit && this.#clock.now() >= this.#pausedUntil;
  }

  #admit(): void {
    for (const begin of this.#waiting) {
      if (!this.#hasRoom()) break;
      begin();
    }
    const pause = this.#pausedUntil - this.#clock.now();
    if (this.#waiting.size === 0 || pause <= 0 || this.#wakeIsSet) return;
    this.#wakeIsSet = true;
    this.#clock.after(pause, () => {
      this.#wakeIsSet = false;
      this.#admit();
    });
  }
}
