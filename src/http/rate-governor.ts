import { StoreError } from '../store/errors.ts';
import { type Clock, systemClock } from './clock.ts';

/** Options of `RateGovernor`. Times in milliseconds. */
export interface RateGovernorOptions {
  /** Requests in flight at the beginning. @default 16 */
  readonly first?: number | undefined;
  /** Never more requests in flight than this. @default 128 */
  readonly most?: number | undefined;
  /** A pause that the service asks for is waited for up to this; for a longer one requests fail at once. @default 30_000 */
  readonly longestPause?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Of the limit, what is left after a complaint that is not the first one (RFC 9438, section 4.6). */
const decrease = 0.7;

/** How a request ended, for the governor; `throttled`: the service had enough of us. */
export type RequestOutcome = 'success' | 'throttled' | 'failure';

/** The place of one request that is in flight. */
export interface Place {
  /** Which request it is, counted from 1. */
  readonly turn: number;
  /** How many were in flight with it. */
  readonly company: number;
}

/** Who waits. */
interface Waiter {
  readonly begin: (place: Place) => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * How many requests to one service are in flight at once, so that it is slowed down before calls fail. The limit grows by one with
 * each answer, and after the first complaint (429, 503) by one with each round of answers; the first complaint halves it, each later one takes
 * three tenths, once for all requests that were in flight together (additive increase, multiplicative decrease: Chiu and Jain 1989, as in TCP). A
 * pause that the service asks for holds everybody. Who waits comes in the order of coming.
 *
 * A place is for waiting for an answer, not for reading it: a reader that waits for another one cannot block the service.
 */
export class RateGovernor {
  readonly #most: number;
  readonly #longestPause: number;
  readonly #clock: Clock;
  readonly #waiting: Set<Waiter> = new Set();
  #limit: number;
  #isStarting = true;
  #inFlight = 0;
  #turns = 0;
  #latestAnswered = 0;
  /** The last request that began before the limit was halved. */
  #roundEnd = 0;
  #pausedUntil = -Infinity;
  #cancelAlarm: (() => void) | undefined;

  constructor(options: RateGovernorOptions = {}) {
    const { first = 16, most = 128, longestPause = 30_000, clock = systemClock } = options;
    if (!(first >= 1 && most >= 1)) throw new RangeError('at least one request must be allowed in flight');
    this.#limit = Math.min(first, most);
    this.#most = most;
    this.#longestPause = longestPause;
    this.#clock = clock;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * A place for one request, which must be left once; at once where there is room. Throws `signal.reason` when aborted before, and
   * `RateLimited` while the service wants a pause longer than `longestPause`.
   */
  enter(signal?: AbortSignal): Place | Promise<Place> {
    signal?.throwIfAborted();
    const pause = this.#pausedUntil - this.#clock.now();
    if (pause > this.#longestPause) throw pauseWanted(pause);
    if (this.#waiting.size === 0 && this.#hasRoom()) return this.#take();
    return this.#wait(signal);
  }

  /** The request has its answer, or will have none. `retryAfter`: milliseconds for which the service wants no other. */
  leave(place: Place, outcome: RequestOutcome, retryAfter?: number): void {
    this.#inFlight--;
    if (outcome !== 'failure') this.#latestAnswered = Math.max(this.#latestAnswered, place.turn);
    if (outcome === 'success') this.#grow(place);
    if (outcome === 'throttled') this.#slowDown(place.turn, retryAfter);
    this.#admit();
  }

  /** The service complained in the text of an answer, to a request that has left its place. */
  throttled(retryAfter?: number): void {
    this.#slowDown(this.#latestAnswered, retryAfter);
    this.#admit();
  }

  /** A limit that nobody comes near is no proof that the service likes more. */
  #grow({ turn, company }: Place): void {
    if (company * 2 < this.limit || turn <= this.#roundEnd) return;
    this.#limit = Math.min(this.#most, this.#limit + (this.#isStarting ? 1 : 1 / this.#limit));
  }

  #slowDown(turn: number, retryAfter: number | undefined): void {
    if (turn > this.#roundEnd || this.#isStarting) {
      const left = this.#isStarting ? 1 / 2 : decrease;
      this.#isStarting = false;
      this.#limit = Math.max(1, this.#limit * left);
      this.#roundEnd = this.#turns;
    }
    if (retryAfter === undefined) return;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + retryAfter);
    if (retryAfter > this.#longestPause)
      for (const waiter of this.#waiting) this.#refuse(waiter, pauseWanted(retryAfter));
  }

  async #wait(signal: AbortSignal | undefined): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const waiter: Waiter = { begin: resolve, refuse: reject };
    const onAbort = (): void => this.#refuse(waiter, signal?.reason);
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    // Not the alarm alone: a pause that is just over, before it rings, has none to come.
    this.#admit();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #refuse(waiter: Waiter, reason: unknown): void {
    if (!this.#waiting.delete(waiter)) return;
    waiter.refuse(reason);
    this.#admit();
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#hasRoom()) break;
      this.#waiting.delete(waiter);
      waiter.begin(this.#take());
    }
    this.#setAlarm();
  }

  #take(): Place {
    return { turn: ++this.#turns, company: ++this.#inFlight };
  }

  #hasRoom(): boolean {
    return this.#inFlight < this.limit && this.#clock.now() >= this.#pausedUntil;
  }

  /** Rings at the end of the pause, if somebody waits for it. */
  #setAlarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    if (this.#waiting.size === 0) return;
    const pause = this.#pausedUntil - this.#clock.now();
    if (pause > 0) this.#cancelAlarm = this.#clock.after(pause, () => this.#admit());
  }
}

function pauseWanted(retryAfter: number): StoreError {
  const seconds = Math.ceil(retryAfter / 1000);
  return new StoreError('RateLimited', { message: `the service wants a pause of ${seconds} s`, retryAfter });
}
