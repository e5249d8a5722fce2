import { crc32 } from 'node:zlib';
import type { IHasher } from 'hash-wasm';

/** Those that services compare. */
export type HashAlgorithm = 'md5' | 'sha256';

/** A checksum that can be saved and go on in another process, which Node's own cannot. */
export class SavableHash {
  readonly #hasher: IHasher;

  private constructor(hasher: IHasher) {
    this.#hasher = hasher;
    hasher.init();
  }

  /** One of nothing yet. */
  static async make(algorithm: HashAlgorithm): Promise<SavableHash> {
    // It takes a while to load, and few programs need it.
    const { createMD5, createSHA256 } = await import('hash-wasm');
    return new SavableHash(await (algorithm === 'md5' ? createMD5() : createSHA256()));
  }

  /** One that goes on from `state`; undefined where that is no state of such a checksum. */
  static async from(algorithm: HashAlgorithm, state: string): Promise<SavableHash | undefined> {
    const hash = await SavableHash.make(algorithm);
    const [text = '', sum] = state.split('.');
    const saved = Buffer.from(text, 'base64url');
    if (crc32(saved).toString(16) !== sum) return undefined;
    try {
      hash.#hasher.load(saved);
      return hash;
    } catch {
      // Of another algorithm, or another version of the library.
      return undefined;
    }
  }

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
  }

  /** The checksum of all bytes so far, hexadecimal. It can go on. */
  digest(): string {
    const state = this.#hasher.save();
    const sum = this.#hasher.digest('hex');
    this.#hasher.load(state);
    return sum;
  }

  /** To go on from; see `from`. */
  get state(): string {
    const state = this.#hasher.save();
    return `${Buffer.from(state).toString('base64url')}.${crc32(state).toString(16)}`;
  }
}
