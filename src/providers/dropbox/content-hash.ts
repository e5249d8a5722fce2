import { createHash, type Hash } from 'node:crypto';

/** Dropbox hashes blocks of so many bytes, and then the hashes. */
export const blockBytes: number = 4 << 20;

/** The checksum of a whole file (https://www.dropbox.com/developers/reference/content-hash), fed bit by bit. */
export class ContentHash {
  readonly #all: Hash = createHash('sha256');
  #block: Hash = createHash('sha256');
  #inBlock = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + blockBytes - this.#inBlock);
      this.#block.update(part);
      this.#inBlock += part.length;
      at += part.length;
      if (this.#inBlock === blockBytes) this.#endBlock();
    }
  }

  /** Lower-case hexadecimal; once, at the end. */
  digest(): string {
    if (this.#inBlock > 0) this.#endBlock();
    return this.#all.digest('hex');
  }

  #endBlock(): void {
    this.#all.update(this.#block.digest());
    this.#block = createHash('sha256');
    this.#inBlock = 0;
  }
}

/** The checksum of bytes that are a whole file, or a whole call. */
export function contentHash(bytes: Uint8Array): string {
  const hash = new ContentHash();
  hash.update(bytes);
  return hash.digest();
}

/** The checksum of one block alone. */
export function blockDigest(block: Uint8Array): Buffer {
  return createHash('sha256').update(block).digest();
}

/** The checksum of a file of these blocks. */
export function hashOfBlocks(digests: readonly Buffer[]): string {
  return createHash('sha256').update(Buffer.concat(digests)).digest('hex');
}
