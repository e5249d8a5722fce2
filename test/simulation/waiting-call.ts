import { StoreError } from '../../src/store/errors.ts';
import type { Fate } from './step.ts';

/** How long the store asks for a pause. */
const retryAfter = 50;

/** A call that waits for its fate: before it reaches the store and, when it is a change, once more before its answer is told. */
export class WaitingCall {
  readonly text: string;
  readonly isChange: boolean;
  /** What the caller gets. */
  readonly outcome: Promise<unknown>;
  /** Whether the store has done it. */
  hasArrived = false;
  isOver = false;
  readonly #perform: (fate: Fate) => Promise<unknown>;
  readonly #settle: { resolve(value: unknown): void; reject(error: unknown): void };
  #answer: Promise<unknown> = Promise.resolve();

  constructor(text: string, isChange: boolean, perform: (fate: Fate) => Promise<unknown>) {
    this.text = text;
    this.isChange = isChange;
    this.#perform = perform;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.outcome = promise;
    this.#settle = { resolve, reject };
    promise.catch(() => undefined);
  }

  /** Goes on by one phase. */
  async pass(fate: Fate): Promise<void> {
    if (fate === 'fail' || (this.isChange && fate === 'cut')) return this.end(this.#error('Unavailable'));
    if (fate === 'busy' && !this.hasArrived) return this.end(this.#error('RateLimited', retryAfter));
    if (!this.hasArrived) await this.land(fate);
    else return this.#tell();
    if (!this.isChange) this.#tell();
  }

  /** The store does it. */
  async land(fate: Fate = 'well'): Promise<void> {
    this.hasArrived = true;
    this.#answer = this.#perform(fate);
    await this.#answer.catch(() => undefined);
  }

  /** The caller gets an error, whatever the store did. */
  end(error: unknown): void {
    this.isOver = true;
    this.#settle.reject(error);
  }

  #tell(): void {
    this.isOver = true;
    this.#settle.resolve(this.#answer);
  }

  #error(code: 'Unavailable' | 'RateLimited', pause?: number): StoreError {
    const operation = this.text.split(' ')[0] ?? this.text;
    return new StoreError(code, { operation, path: '/', store: 'line', retryAfter: pause });
  }
}
