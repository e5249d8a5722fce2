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

/**
 * The pieces of an answer between the connection, which pushes them, and the one who reads them. Little is kept in memory: a
 * connection that is ahead pauses. One that is paused for longer than `unreadTimeout` is given up, so that an answer which nobody
 * reads does not keep its connection for ever.
 */
export class AnswerStream implements AsyncIterable<Uint8Array> {
  readonly #flow: AnswerFlow;
  readonly #unreadTimeout: number;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #paused = false;
  #unread: NodeJS.Timeout | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
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
      return;
    }
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered >= fullBytes) this.#pause();
    this.#tell();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#unread);
    this.#tell();
  }

  /** What came before is not handed on any more. */
  fail(error: unknown): void {
    if (this.#isOver()) return;
    this.#failure = { error };
    this.#chunks = [];
    clearTimeout(this.#unread);
    this.#tell();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        while (this.#chunks.length > 0) yield* this.#take();
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#ended) return;
        this.#resume();
        await this.#change();
      }
    } finally {
      if (!this.#isOver()) this.#throwAway(0);
    }
  }

  /** Reads on for at most `limit` bytes and throws them away; ends the connection where more would come. Does not throw. */
  async dump({ limit }: { readonly limit: number }): Promise<void> {
    this.#throwAway(limit);
    while (!this.#isOver()) await this.#change();
  }

  *#take(): Generator<Uint8Array> {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#buffered = 0;
    for (const chunk of chunks) {
      if (this.#failure !== undefined) return;
      yield chunk;
    }
  }

  #throwAway(limit: number): void {
    if (this.#isOver()) return;
    this.#worthless = limit - this.#buffered;
    this.#chunks = [];
    this.#buffered = 0;
    if (this.#worthless < 0 || limit === 0) this.#giveUp();
    else this.#resume();
  }

  #giveUp(): void {
    this.end();
    this.#flow.cancel();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#flow.pause();
    this.#unread = setTimeout(() => {
      const message = `nobody read the answer for ${this.#unreadTimeout} ms, so its connection was given up`;
      this.fail(new StoreError('Unavailable', { message }));
      this.#flow.cancel();
    }, this.#unreadTimeout);
    this.#unread.unref();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    clearTimeout(this.#unread);
    this.#flow.resume();
  }

  #isOver(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  async #change(): Promise<void> {
    if (this.#chunks.length > 0 || this.#isOver()) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #tell(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
