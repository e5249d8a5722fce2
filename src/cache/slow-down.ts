/** The rate at which room is made is the mean of about so many milliseconds. */
const memory = 10_000;
/** Bytes per millisecond that uploads are supposed to have at the least: a computer without network may use its cache. */
const leastRate = 16_000;
/** Bytes per millisecond that every writer gets at the least, up to the hard limit. */
const crawl = 128;
/** No write is held longer than this, in milliseconds. */
export const longestPause = 1_000;
/** Shorter pauses are added up before one is made. */
const shortestPause = 4;

/**
 * Slows writers down between the soft and the hard limit, so that they come to the pace of the uploads little by little instead of running
 * into the hard limit and standing there. Half way they have the pace of the uploads; before that more, and behind it less.
 */
export class SlowDown {
  /** Bytes per millisecond, at `#at`. */
  #rate = 0;
  #at = 0;
  #owed = 0;

  /** Room was made. */
  given(bytes: number, now: number): void {
    this.#rate = this.#rateAt(now) + bytes / memory;
    this.#at = now;
  }

  /**
   * Milliseconds that a writer of so many bytes has to pause.
   *
   * @param fullness how far the cache is filled from the soft limit, 0, to the hard limit, 1
   */
  pauseFor(bytes: number, fullness: number, now: number): number {
    if (fullness <= 0) return (this.#owed = 0);
    const pace = Math.max(crawl, Math.max(this.#rateAt(now), leastRate) * ((1 - fullness) / fullness));
    this.#owed += Math.min(longestPause, bytes / pace);
    if (this.#owed < shortestPause) return 0;
    const pause = Math.min(longestPause, this.#owed);
    this.#owed = 0;
    return pause;
  }

  #rateAt(now: number): number {
    return this.#rate * Math.exp(-Math.max(0, now - this.#at) / memory);
  }
}
