import { untilAborted } from './until-aborted.ts';

/**
 * One call on behalf of everybody who wants its answer. A waiter whose signal aborts leaves alone; the call itself is aborted
 * when the last one has left.
 */
export class SharedCall<T> {
  readonly #controller = new AbortController();
  readonly #answer: Promise<T>;
  #state: 'waiting' | 'answered' | 'failed' = 'waiting';
  #waiting = 0;

  constructor(perform: (signal: AbortSignal) => Promise<T>) {
    this.#answer = Promise.resolve().then(() => perform(this.#controller.signal));
    void this.#watch();
  }

  /** Whether everybody has left before it was answered: nobody may join it any more. */
  get abandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Whether it was answered with a failure. */
  get failed(): boolean {
    return this.#state === 'failed';
  }

  /** The answer or the failure; or the reason of `signal`, as soon as that aborts. */
  async wait(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting += 1;
    try {
      return await untilAborted(this.#answer, signal);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0 && this.#state === 'waiting') this.#controller.abort();
    }
  }

  async #watch(): Promise<void> {
    try {
      await this.#answer;
      this.#state = 'answered';
    } catch {
      // Whoever waits is told why.
      this.#state = 'failed';
    }
  }
}
