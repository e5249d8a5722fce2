import type { Source } from '../store/store.ts';

/** A source of the other thread. Each stream of it is pulled from there, range by range. */
export class PulledSource implements Source {
  readonly size: number;
  readonly #start: number;
  readonly #pull: (start: number, end: number) => AsyncIterable<Uint8Array>;

  /** `pull` brings the bytes of the whole source from `start` up to but without `end`. A wrong `size` stays: who writes refuses it. */
  constructor(pull: (start: number, end: number) => AsyncIterable<Uint8Array>, start: number, size: number) {
    this.#pull = pull;
    this.#start = start;
    this.size = size;
  }

  slice(start: number, end: number): Source {
    const to = Math.min(end, this.size);
    const from = Math.min(start, to);
    return new PulledSource(this.#pull, this.#start + from, to - from);
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    yield* this.#pull(this.#start, this.#start + this.size);
  }
}
