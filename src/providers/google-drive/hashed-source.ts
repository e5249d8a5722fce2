import type { Source } from '../../store/store.ts';
import type { Md5 } from './md5.ts';

/** A part of a file that is hashed while it is sent; each time it is streamed, from the same beginning. */
export class HashedSource implements Source {
  readonly size: number;
  /** Of all before this part and of this part, when it was streamed to its end. */
  hash: Md5;
  readonly #source: Source;
  readonly #before: Md5;

  constructor(source: Source, before: Md5) {
    this.size = source.size;
    this.hash = before;
    this.#source = source;
    this.#before = before;
  }

  slice(start: number, end: number): Source {
    return this.#source.slice(start, end);
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const hash = this.#before.copy();
    this.hash = hash;
    for await (const chunk of this.#source.stream()) {
      hash.update(chunk);
      yield chunk;
    }
  }
}
