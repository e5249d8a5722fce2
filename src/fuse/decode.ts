import { attributeBits, maxNameBytes, sizes } from './abi.ts';
import { Errno } from './errno.ts';
import type { AttributeChanges } from './file-system.ts';
import type { WireBuffer } from './wire-buffer.ts';

const twoTo32 = 2 ** 32;
const firstWord = sizes.requestHeader / 4;

/** A request that no kernel would send. It is answered with EIO, and the session goes on. */
export class MalformedRequest extends Error {
  static {
    Object.defineProperty(MalformedRequest.prototype, 'name', { value: 'MalformedRequest', enumerable: false });
  }
}

/**
 * Reads one request. One instance serves all requests in turn; what it answers are plain values, but for `bytes`, which
 * is valid until the next request is read.
 *
 * Positions are byte offsets behind struct fuse_in_header. The dispatcher checks that the fixed part of the arguments is there;
 * what has a length of its own (names, data) is checked here.
 */
export class RequestReader {
  #buffer: WireBuffer;
  #length = 0;
  /** Where the arguments after the last name begin. */
  #afterName = 0;

  constructor(buffer: WireBuffer) {
    this.#buffer = buffer;
  }

  /** Turns to the request in the first `length` bytes of `buffer`. */
  attach(buffer: WireBuffer, length: number): void {
    this.#buffer = buffer;
    this.#length = length;
  }

  /** `len`, as the header announces it. */
  get announcedLength(): number {
    return this.#buffer.words[0] as number;
  }
  get opcode(): number {
    return this.#buffer.words[1] as number;
  }
  get uniqueLow(): number {
    return this.#buffer.words[2] as number;
  }
  get uniqueHigh(): number {
    return this.#buffer.words[3] as number;
  }
  get node(): number {
    const words = this.#buffer.words;
    return (words[4] as number) + (words[5] as number) * twoTo32;
  }
  get uid(): number {
    return this.#buffer.words[6] as number;
  }
  get gid(): number {
    return this.#buffer.words[7] as number;
  }
  get pid(): number {
    return this.#buffer.words[8] as number;
  }

  /** Bytes of arguments. */
  get argumentBytes(): number {
    return this.#length - sizes.requestHeader;
  }
  get afterName(): number {
    return this.#afterName;
  }

  /** A 32-bit number. */
  word(at: number): number {
    return this.#buffer.words[firstWord + (at >>> 2)] as number;
  }

  /** An unsigned 64-bit number; beyond 2^53 only about right, which callers exclude where it matters. */
  long(at: number): number {
    const index = firstWord + (at >>> 2);
    const words = this.#buffer.words;
    return (words[index] as number) + (words[index + 1] as number) * twoTo32;
  }

  /** A signed 64-bit number. */
  signedLong(at: number): number {
    const index = firstWord + (at >>> 2);
    const words = this.#buffer.words;
    return (words[index] as number) + ((words[index + 1] as number) | 0) * twoTo32;
  }

  /** `length` bytes without a copy. */
  data(at: number, length: number): Uint8Array {
    if (at + length > this.argumentBytes)
      throw new MalformedRequest(`${length} bytes announced, ${this.argumentBytes - at} there`);
    return new Uint8Array(this.#buffer.bytes.buffer, sizes.requestHeader + at, length);
  }

  /** The name at this place. Throws `Errno` ENAMETOOLONG above 255 bytes, EILSEQ for what is not UTF-8. */
  name(at: number): string {
    const name = this.text(at);
    if (this.#afterName - at - 1 > maxNameBytes) throw Errno.of('ENAMETOOLONG');
    return name;
  }

  /** A NUL-terminated string of any length, as the target of a symbolic link. Throws `Errno` EILSEQ for what is not UTF-8. */
  text(at: number): string {
    const bytes = this.#buffer.bytes;
    const start = sizes.requestHeader + at;
    let end = start;
    while (end < this.#length && bytes[end] !== 0) end++;
    if (end >= this.#length) throw new MalformedRequest('a string without an end');
    if (end === start) throw new MalformedRequest('an empty string');
    this.#afterName = end + 1 - sizes.requestHeader;
    return decodeUtf8(bytes, start, end);
  }
}

function decodeUtf8(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  // Decoding puts U+FFFD in the place of what is not UTF-8; a name may also hold a true one.
  if (text.includes('\ufffd') && Buffer.compare(Buffer.from(text), bytes.subarray(start, end)) !== 0)
    throw Errno.of('EILSEQ');
  return text;
}

/** struct fuse_setattr_in. Throws `Errno` EFBIG for a size beyond 2^53. */
export function readAttributeChanges(reader: RequestReader): AttributeChanges {
  const valid = reader.word(0);
  const has = (bit: number): boolean => (valid & bit) !== 0;
  return {
    handle: has(attributeBits.FH) ? reader.long(8) : undefined,
    size: has(attributeBits.SIZE) ? fileOffset(reader.long(16)) : undefined,
    atime: has(attributeBits.ATIME)
      ? has(attributeBits.ATIME_NOW)
        ? 'now'
        : milliseconds(reader.signedLong(32), reader.word(56))
      : undefined,
    mtime: has(attributeBits.MTIME)
      ? has(attributeBits.MTIME_NOW)
        ? 'now'
        : milliseconds(reader.signedLong(40), reader.word(60))
      : undefined,
    mode: has(attributeBits.MODE) ? reader.word(68) : undefined,
    uid: has(attributeBits.UID) ? reader.word(76) : undefined,
    gid: has(attributeBits.GID) ? reader.word(80) : undefined,
  };
}

function milliseconds(seconds: number, nanoseconds: number): number {
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The offset itself, if it is exact. Throws `Errno` EFBIG otherwise: no file is that long. */
export function fileOffset(offset: number): number {
  if (offset > Number.MAX_SAFE_INTEGER) throw Errno.of('EFBIG');
  return offset;
}
