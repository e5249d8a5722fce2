import { SavableHash } from '../../http/savable-hash.ts';
import type { Source } from '../../store/store.ts';

/** A part of a file that is hashed while it is sent; each time it is streamed, from the same beginning. */
export class HashedSource implements Source {
  readonly size: number;
  /** Of all before this part and of this part, when it was streamed to its end. */
  hash: SavableHash;
  readonly #source: Source;
  readonly #before: SavableHash;

  constructor(source: Source, before: SavableHash) {
    this.size = source.size;
    this.hash = before;
    this.#source = source;
    this.#before = before;
  }

  slice(start: number, end: number): Source {
    return this.#source.slice(start, end);
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const hash = await copyOf(this.#before);
    this.hash = hash;
    for await (const chunk of this.#source.stream()) {
      hash.update(chunk);
      yield chunk;
    }
  }
}

/** The same MD5, to go on alone. */
export async function copyOf(hash: SavableHash): Promise<SavableHash> {
  const copy = await SavableHash.from('md5', hash.state);
  if (copy === undefined) throw new TypeError('the checksum is no MD5');
  return copy;
}
