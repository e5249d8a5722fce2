import { type Clock, pause, systemClock } from './clock.ts';

/** A rate that changes is noticed after so many milliseconds. */
const longestWait = 1000;
/** Pieces pass so often in a second, if they are not larger than `pieceBytes`. */
const piecesPerSecond = 8;
const leastPiece = 4 << 10;

/** Lets bytes pass at a rate, whoever sends or receives them, in the order in which they ask. */
export class Throttle {
  readonly #rate: () => number;
  readonly #clock: Clock;
  /** Bytes that have passed and are not paid for. */
  #debt = 0;
  #at: number;
  #last: Promise<unknown> | undefined;

  /** `rate`: bytes per second, asked for again and again; `Infinity` for no limit. */
  constructor(rate: () => number, clock: Clock = systemClock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Bytes that should pass in one piece, so that a connection is never silent for long. */
  get pieceBytes(): number {
    return Math.max(leastPiece, this.#rate() / piecesPerSecond);
  }

  /** Resolves when so many bytes may pass; undefined for at once. Rejects with the signal's reason. */
  pass(bytes: number, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#last === undefined && this.#rate() === Infinity) {
      this.#debt = 0;
      return undefined;
    }
    const turn = this.#wait(bytes, this.#last, signal);
    const last = turn.catch(() => undefined).then(() => void (this.#last === last && (this.#last = undefined)));
    this.#last = last;
    return turn;
  }

  async #wait(bytes: number, before: Promise<unknown> | undefined, signal?: AbortSignal): Promise<void> {
    await before;
    signal?.throwIfAborted();
    for (let left = this.#settle(); left > 0; left = this.#settle())
      await pause(this.#clock, Math.min(longestWait, left), signal);
    this.#debt += bytes;
  }

  /** Pays for the time that went by; answers how many milliseconds are left to pay for. */
  #settle(): number {
    const now = this.#clock.now();
    const rate = this.#rate() / 1000;
    this.#debt = rate === Infinity ? 0 : Math.max(0, this.#debt - (now - this.#at) * rate);
    this.#at = now;
    return this.#debt === 0 ? 0 : Math.ceil(this.#debt / rate);
  }
}
