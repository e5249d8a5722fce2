import { Errno } from '../fuse/errno.ts';

/** Largest control file that can be written, in bytes. */
export const maxSmallContent: number = 1 << 20;

/** The bytes of a control file that is being written: in memory, at most `maxSmallContent` of them. */
export class SmallContent {
  #bytes: Uint8Array;
  #size: number;

  constructor(text = '') {
    this.#bytes = Buffer.from(text);
    this.#size = this.#bytes.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Fills `into` from `offset`; the number of bytes. */
  read(offset: number, into: Uint8Array): number {
    const part = this.#bytes.subarray(Math.min(offset, this.#size), Math.min(offset + into.length, this.#size));
    into.set(part);
    return part.length;
  }

  /** Throws EFBIG. */
  write(offset: number, data: Uint8Array): void {
    const end = offset + data.length;
    this.#reserve(end);
    this.#bytes.set(data, offset);
    this.#size = Math.max(this.#size, end);
  }

  /** Cuts, or lengthens with zeros. Throws EFBIG. */
  truncate(size: number): void {
    this.#reserve(size);
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  /** As UTF-8. Throws EINVAL for bytes that are not. */
  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(0, this.#size));
    } catch {
      throw Errno.of('EINVAL');
    }
  }

  #reserve(size: number): void {
    if (size > maxSmallContent) throw Errno.of('EFBIG');
    if (size <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.min(maxSmallContent, Math.max(size, this.#bytes.length * 2)));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
