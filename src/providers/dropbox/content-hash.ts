import { createHash, type Hash } from 'node:crypto';

/** Dropbox hashes blocks of so many bytes, and then the hashes. */
export const blockBytes: number = 4 << 20;

/** A SHA-256 that tells itself in hexadecimal. */
export interface BlockHashes {
  update(digest: Uint8Array): void;
  digest(): string;
}

/** The checksum of a whole file (https://www.dropbox.com/developers/reference/content-hash), fed bit by bit. */
export class ContentHash {
  readonly #all: BlockHashes;
  #block: Hash = createHash('sha256');
  #inBlock = 0;

  /** `all` has the hashes of the whole blocks so far, and goes on with the others. */
  constructor(all: BlockHashes = newBlockHashes()) {
    this.#all = all;
  }

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
    return this.#all.digest();
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

function newBlockHashes(): BlockHashes {
  const hash = createHash('sha256');
  return { update: (digest) => void hash.update(digest), digest: () => hash.digest('hex') };
}
