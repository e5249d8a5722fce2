import type { Bare, FlowMessage, Piece } from './messages.ts';

/** What `Inflow` says. */
export type InflowMessage = Extract<Bare<FlowMessage>, { readonly kind: 'taken' | 'leave' }>;

/**
 * What the other thread sends, to be iterated once. It throws the sender's failure after all that came before it, and the
 * reason of `signal` at once. Whoever stops early waits until the sender has stopped too.
 */
export class Inflow<P extends Piece> implements AsyncIterableIterator<P> {
  readonly #post: (message: InflowMessage) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: P[] = [];
  readonly #ended = Promise.withResolvers<void>();
  readonly #pieces: AsyncGenerator<P>;
  #end: { readonly failure: { readonly error: unknown } | undefined } | undefined;
  #wake: (() => void) | undefined;
  #isLeft = false;

  constructor(post: (message: InflowMessage) => void, signal?: AbortSignal) {
    this.#post = post;
    this.#signal = signal;
    this.#pieces = this.#iterate();
    signal?.addEventListener('abort', this.#wakeUp, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<P>> {
    return this.#pieces.next();
  }

  async return(): Promise<IteratorResult<P>> {
    const result = await this.#pieces.return(undefined);
    // Where nothing was asked for, nothing ran that could stop the sender.
    await this.#leave();
    return result;
  }

  /** A piece came. */
  push(piece: P): void {
    if (this.#isLeft) return;
    this.#queue.push(piece);
    this.#wakeUp();
  }

  /** Nothing comes after what came. */
  finish(failure?: { readonly error: unknown }): void {
    this.#end = { failure };
    this.#signal?.removeEventListener('abort', this.#wakeUp);
    this.#ended.resolve();
    this.#wakeUp();
  }

  readonly #wakeUp = (): void => this.#wake?.();

  async *#iterate(): AsyncGenerator<P> {
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        const piece = this.#queue.shift();
        if (piece !== undefined) {
          if (this.#end === undefined) this.#post({ kind: 'taken' });
          yield piece;
        } else if (this.#end !== undefined) {
          if (this.#end.failure !== undefined) throw this.#end.failure.error;
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    this.#queue.length = 0;
    if (this.#end !== undefined) return;
    if (!this.#isLeft) {
      this.#isLeft = true;
      this.#post({ kind: 'leave' });
    }
    if (this.#signal?.aborted !== true) await this.#ended.promise;
  }
}
