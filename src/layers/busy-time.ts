/**
 * The length of the union of many time intervals, each known only when it ends: overlaps count once, idle time not at all.
 *
 * An interval that ends now covers everything from its start until now. So it is enough to remember, for each interval that
 * is still open, how much of the time since its start is covered already: memory grows with the open intervals only, however
 * many were counted, and the result is exact.
 */
export class BusyTime {
  #total = 0;
  readonly #open = new Set<OpenInterval>();

  /** Milliseconds covered by the intervals that were counted. */
  get total(): number {
    return this.#total;
  }

  /** Opens an interval at the time `now`, in milliseconds of a clock that never goes back. */
  begin(now: number): OpenInterval {
    const interval: OpenInterval = { start: now, covered: 0 };
    this.#open.add(interval);
    return interval;
  }

  /** Ends an interval at `now` and counts it. */
  count(interval: OpenInterval, now: number): void {
    this.drop(interval);
    const gain = now - interval.start - interval.covered;
    this.#total += gain;
    for (const other of this.#open) {
      other.covered = other.start < interval.start ? other.covered + gain : now - other.start;
    }
  }

  /** Ends an interval without counting it. */
  drop(interval: OpenInterval): void {
    if (!this.#open.delete(interval)) throw new TypeError('the interval was ended before');
  }
}

/** An interval that has begun. Belongs to its `BusyTime`. */
export interface OpenInterval {
  readonly start: number;
  /** How much of the time since its start is covered by others that were counted. */
  covered: number;
}
