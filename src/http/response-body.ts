import { StoreError } from '../store/errors.ts';

/** Largest answer that is held in memory: error texts, results, pages of listings. */
const defaultLimit = 64 << 20;

/** Largest rest that is read to keep a connection; more, and a new connection costs less. */
const worthReading = 128 << 10;

/** Resolves when so many bytes may be handed on; undefined for at once. */
export type Pace = (bytes: number) => Promise<void> | undefined;

/** Where the bytes come from. Leaving the iteration early gives the rest up. */
interface ByteStream extends AsyncIterable<Uint8Array> {
  dump(options: { readonly limit: number }): Promise<void>;
}

/**
 * The body of an answer, once. It throws `Unavailable` when the connection breaks before its end, and the signal's reason after
 * an abort; it never ends early in silence.
 */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #stream: ByteStream;
  readonly #signal: AbortSignal | undefined;
  readonly #pace: Pace | undefined;
  #isBegun = false;

  /** `signal`: for a stream that does not throw its reason by itself. `pace`: how fast it may come. */
  constructor(stream: ByteStream, signal?: AbortSignal, pace?: Pace) {
    this.#stream = stream;
    this.#signal = signal;
    this.#pace = pace;
  }

  /** The pieces as they come. Leaving early gives the rest up. Throws a `TypeError` the second time. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#isBegun) throw new TypeError('the body of an answer can be read once');
    this.#isBegun = true;
    const stream = this.#signal === undefined ? this.#stream : this.#untilAborted(this.#signal);
    return (this.#pace === undefined ? stream : paced(stream, this.#pace))[Symbol.asyncIterator]();
  }

  /** All bytes. Throws `Unavailable` for more than `limit`: no answer that is asked for whole is so long. */
  async bytes(limit: number = defaultLimit): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this) {
      size += chunk.length;
      if (size > limit) throw new StoreError('Unavailable', { message: `the answer is longer than ${limit} bytes` });
      chunks.push(chunk);
    }
    return joined(chunks, size);
  }

  /** All bytes as UTF-8; what is none becomes U+FFFD. Throws as `bytes` does. */
  async text(limit?: number): Promise<string> {
    return new TextDecoder().decode(await this.bytes(limit));
  }

  /** Gives the body up. The connection is kept where little is left to come. Does not throw. */
  async discard(): Promise<void> {
    await this.#stream.dump({ limit: worthReading });
  }

  async *#untilAborted(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#stream;
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
  }
}

/** A connection whose bytes are not taken pauses by itself. */
async function* paced(stream: AsyncIterable<Uint8Array>, pace: Pace): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    await pace(chunk.length);
    yield chunk;
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const only = chunks.length === 1 ? chunks[0] : undefined;
  // A small piece of a large block would keep all of the block in memory.
  if (only !== undefined && only.length * 2 > only.buffer.byteLength) return only;
  return Buffer.concat(chunks, size);
}
