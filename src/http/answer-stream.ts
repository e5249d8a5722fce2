import { StoreError } from '../store/errors.ts';

/** The connection that an answer comes from. */
export interface AnswerFlow {
  pause(): void;
  resume(): void;
  /** Gives the rest up, with its connection. */
  cancel(): void;
}

/** Bytes that wait to be read before the connection is told to pause. */
const fullBytes = 256 << 10;

const done: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The pieces of an answer between the connection, which pushes them, and the one who reads them, one at a time. Little is kept in
 * memory: a connection that is ahead pauses. One that is paused for longer than `unreadTimeout` is given up, so that an answer
 * which nobody reads does not keep its connection for ever.
 *
 * An iterator of its own and no generator: encrypted answers come in pieces of 16 KiB, where that is felt.
 */
export class AnswerStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #flow: AnswerFlow;
  readonly #unreadTimeout: number;
  #chunks: Uint8Array[] = [];
  #first = 0;
  #buffered = 0;
  #isPaused = false;
  #unread: NodeJS.Timeout | undefined;
  #isEnded = false;
  #failure: { readonly error: unknown } | undefined;
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;
  #onOver: (() => void) | undefined;
  /** How many more bytes may be read only to be thrown away; `undefined` while they are wanted. */
  #worthless: number | undefined;

  constructor(flow: AnswerFlow, unreadTimeout: number) {
    this.#flow = flow;
    this.#unreadTimeout = unreadTimeout;
  }

  push(chunk: Uint8Array): void {
    if (this.#isOver()) return;
    if (this.#worthless !== undefined) {
      this.#worthless -= chunk.length;
      if (this.#worthless < 0) this.#giveUp();
    } else if (this.#reader !== undefined) {
      this.#reader.resolve({ done: false, value: chunk });
      this.#reader = undefined;
    } else {
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      if (this.#buffered >= fullBytes) this.#pause();
    }
  }

  end(): void {
    if (this.#isOver()) return;
    this.#isEnded = true;
    this.#over();
    this.#reader?.resolve(done);
    this.#reader = undefined;
  }

  /** What came before is not handed on any more. */
  fail(error: unknown): void {
    if (this.#isOver()) return;
    this.#failure = { error };
    this.#forget();
    this.#over();
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const chunk = this.#chunks[this.#first];
    if (chunk !== undefined) return { done: false, value: this.#take(chunk) };
    if (this.#isEnded) return done;
    const reader = Promise.withResolvers<IteratorResult<Uint8Array, undefined>>();
    this.#reader = reader;
    this.#resume();
    return await reader.promise;
  }

  /** The reader leaves early. */
  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#forget();
    if (!this.#isOver()) this.#giveUp();
    return done;
  }

  /** Reads on for at most `limit` bytes and throws them away; ends the connection where more would come. Does not throw. */
  async dump({ limit }: { readonly limit: number }): Promise<void> {
    const rest = limit - this.#buffered;
    this.#forget();
    if (this.#isOver()) return;
    if (rest <= 0) return this.#giveUp();
    this.#worthless = rest;
    this.#resume();
    await new Promise<void>((resolve) => {
      this.#onOver = resolve;
    });
  }

  #take(chunk: Uint8Array): Uint8Array {
    this.#buffered -= chunk.length;
    this.#first++;
    if (this.#first === this.#chunks.length) this.#forget();
    return chunk;
  }

  #forget(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#buffered = 0;
  }

  #giveUp(): void {
    this.end();
    this.#flow.cancel();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#flow.pause();
    this.#unread = setTimeout(() => {
      const message = `nobody read the answer for ${this.#unreadTimeout} ms, so its connection was given up`;
      this.fail(new StoreError('Unavailable', { message }));
      this.#flow.cancel();
    }, this.#unreadTimeout);
    this.#unread.unref();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    clearTimeout(this.#unread);
    this.#flow.resume();
  }

  #isOver(): boolean {
    return this.#isEnded || this.#failure !== undefined;
  }

  #over(): void {
    clearTimeout(this.#unread);
    this.#onOver?.();
  }
}
