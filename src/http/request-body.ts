import { exactStream } from '../store/exact-stream.ts';
import type { Source } from '../store/store.ts';
import type { HttpRequest } from './http-request.ts';
import { SourceFailure } from './source-failure.ts';
import type { Throttle } from './throttle.ts';

/** Bodies up to this size are read before the request begins and go out in one piece. */
const smallBody = 64 << 10;

/** A server that takes less than this within the timeout counts as stalled. Smaller pieces cost processor time. */
const sliceBytes = 512 << 10;

/** A connection says that it is full after a piece of this size, so that it is waited for until it has let go of it. */
const fillsConnection = 64 << 10;

/**
 * The body of a request as it goes over the wire: whole where it is small, else in pieces. `undefined` for none. Throws
 * `SourceFailure` for what a small source throws, and `signal.reason` after an abort.
 */
export async function requestBody(
  body: HttpRequest['body'],
  signal: AbortSignal | undefined,
  throttle?: Throttle,
): Promise<Uint8Array | StreamedBody | undefined> {
  if (body === undefined) return body;
  if (isStreamed(body)) return new StreamedBody(body, throttle);
  const bytes = await wholeBytes(body, signal);
  await throttle?.pass(bytes.length, signal);
  return bytes;
}

function isStreamed(body: Exclude<HttpRequest['body'], undefined>): body is Source {
  return typeof body !== 'string' && !(body instanceof Uint8Array) && body.size > smallBody;
}

function wholeBytes(
  body: Exclude<HttpRequest['body'], undefined>,
  signal: AbortSignal | undefined,
): Uint8Array | Promise<Uint8Array> {
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof Uint8Array ? body : wholeBody(body, signal);
}

async function wholeBody(source: Source, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(source.size);
  let at = 0;
  try {
    // Copied at once, because the source may use its buffer again.
    for await (const chunk of exactStream(source, { signal })) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    throw new SourceFailure(error);
  }
  return bytes;
}

/**
 * The bytes of a source, for one request. The last piece goes out only when the source has ended as it promised, so that a
 * source which fails never leaves a complete upload behind.
 */
export class StreamedBody implements AsyncIterable<Uint8Array> {
  readonly size: number;
  readonly #source: Source;
  readonly #throttle: Throttle | undefined;
  readonly #stop: AbortController = new AbortController();
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers();
  /** What the source threw. */
  failure: SourceFailure | undefined;

  /** `throttle`: how fast it may go. @default as fast as the connection takes it */
  constructor(source: Source, throttle?: Throttle) {
    this.#throttle = throttle;
    this.#source = source;
    this.size = source.size;
  }

  /** The server has answered with a failure: nothing more is sent, and the source ends, but the request is not over yet. */
  refuse(): void {
    this.#stop.abort();
  }

  /** The request is over: the source ends. */
  end(): void {
    this.#stop.abort();
    this.#over.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { signal } = this.#stop;
    try {
      let last: Uint8Array | undefined;
      let read = 0;
      for await (const chunk of exactStream(this.#source, { signal })) {
        read += chunk.length;
        // A copy, because the source may use its buffer again when it is asked for its end.
        if (read === this.size) last = new Uint8Array(chunk);
        else yield* this.#slices(chunk);
      }
      if (last !== undefined) yield* this.#slices(last);
    } catch (error) {
      if (!signal.aborted) throw (this.failure = new SourceFailure(error));
    }
    // To end the body before its size would break the connection that the answer is coming from.
    if (signal.aborted) await this.#over.promise;
  }

  async *#slices(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0, length = 0; at < chunk.length; at += length) {
      length = Math.min(sliceBytes, Math.floor(this.#throttle?.pieceBytes ?? sliceBytes));
      // Lets an answer be seen before the next write fails on a connection that the server has closed after it.
      await turn();
      this.#stop.signal.throwIfAborted();
      const slice = chunk.subarray(at, at + length);
      await this.#throttle?.pass(slice.length, this.#stop.signal);
      // What is smaller may still wait in the connection while the source uses its buffer again.
      yield slice.length < fillsConnection ? new Uint8Array(slice) : slice;
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
