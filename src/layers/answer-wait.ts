import { setImmediate } from 'node:timers/promises';

/**
 * One wait at a time, of a call that may wait several times. When one lasts too long, `signal` is aborted with the reason that was given,
 * as with the reason of the caller's signal when that is aborted. Waits cost no timer each.
 */
export class AnswerWait {
  readonly #stop = new AbortController();
  readonly #reason: () => Error;
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  /** What the wait that is under way calls when it is to end, and how many there were. */
  #interrupt: ((reason: unknown) => void) | undefined;
  #waits = 0;

  constructor(milliseconds: number, reason: () => Error, outer: AbortSignal | undefined) {
    this.#reason = reason;
    this.#outer = outer;
    this.#timer = setTimeout(() => void this.#late(), Math.min(2 ** 31 - 1, milliseconds)).unref();
    if (outer?.aborted === true) this.#onAbort();
    else outer?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Ends what the call asks of the store. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What `answer` comes to, or the reason of the abort at once. */
  for<T>(answer: Promise<T>): Promise<T> {
    this.#timer.refresh().ref();
    this.#waits++;
    const over = (): void => {
      this.#interrupt = undefined;
      this.#timer.unref();
    };
    // Not Promise.race against one long-lived promise: it would keep every answer alive until the end.
    return new Promise<T>((resolve, reject) => {
      this.#interrupt = reject;
      if (this.signal.aborted) reject(this.signal.reason);
      void answer.then(resolve, reject).then(over);
    });
  }

  /** The call is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#abort(this.#outer?.reason);

  /** What came while this process had no time for its timers is not late. */
  async #late(): Promise<void> {
    const late = this.#waits;
    await setImmediate();
    if (this.#interrupt !== undefined && this.#waits === late) this.#abort(this.#reason());
  }

  #abort(reason: unknown): void {
    this.#stop.abort(reason);
    this.#interrupt?.(reason);
  }
}
