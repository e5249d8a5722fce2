import { exactStream } from '../../store/exact-stream.ts';
import { SourceFailure } from '../../http/source-failure.ts';
import type { CallOptions, Source } from '../../store/store.ts';
import { crc32c } from './crc32c.ts';

/** The checksum of what a source delivers. Throws a `SourceFailure` for what the source throws. */
export async function sumOf(source: Source, before: number, { signal }: CallOptions): Promise<number> {
  let crc = before;
  try {
    for await (const chunk of exactStream(source, { signal })) crc = crc32c(chunk, crc);
  } catch (error) {
    signal?.throwIfAborted();
    throw new SourceFailure(error);
  }
  return crc;
}

/** A source that adds up the checksum of what is read of it. */
export class SummedSource implements Source {
  readonly size: number;
  readonly #source: Source;
  readonly #before: number;
  #crc: number;

  /** `before` is the checksum of what precedes the source. */
  constructor(source: Source, before: number) {
    this.size = source.size;
    this.#source = source;
    this.#before = before;
    this.#crc = before;
  }

  /** The checksum of what precedes the source and of what its last stream has delivered. */
  get crc(): number {
    return this.#crc;
  }

  slice(start: number, end: number): Source {
    return this.#source.slice(start, end);
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    this.#crc = this.#before;
    for await (const chunk of this.#source.stream()) {
      this.#crc = crc32c(chunk, this.#crc);
      yield chunk;
    }
  }
}

/** Bytes, a source, and bytes again, as one source. */
export function enclosed(head: Uint8Array, source: Source, tail: Uint8Array): Source {
  return {
    size: head.length + source.size + tail.length,
    slice: () => {
      throw new TypeError('an enclosed source is read from its beginning');
    },
    async *stream() {
      yield head;
      yield* exactStream(source);
      yield tail;
    },
  };
}
