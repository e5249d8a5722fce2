import { maxNameBytes, openBits, sizes } from './abi.ts';
import type {
  Attributes,
  AttributesReply,
  CreateReply,
  EntryReply,
  FileSystemStatistics,
  OpenReply,
} from './file-system.ts';
import type { WireBuffer } from './wire-buffer.ts';

const twoTo32 = 2 ** 32;
const firstWord = sizes.replyHeader / 4;

/** An entry whose node is not 0. */
export type FoundEntry = Extract<EntryReply, { readonly attributes: Attributes }>;

/** st_blksize, in bytes: what stdio and cp move at a time. Each such piece is one request, so it is not a page. */
const preferredBlockBytes = 65_536;

/**
 * Writes one reply. Each method fills the place behind struct fuse_out_header and answers the payload's length in bytes;
 * `finish` and `fail` put the header before it. The buffer is used again for the next reply.
 */
export class ReplyWriter {
  readonly buffer: WireBuffer;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #bytes: Buffer<ArrayBuffer>;
  #view: Uint8Array;

  constructor(buffer: WireBuffer) {
    this.buffer = buffer;
    this.#words = buffer.words;
    this.#bytes = buffer.bytes;
    this.#view = new Uint8Array(buffer.bytes.buffer, sizes.replyHeader, 0);
  }

  /** Bytes of payload that fit. */
  get capacity(): number {
    return this.#bytes.length - sizes.replyHeader;
  }

  /** Completes the header of a success; the length of the whole message. */
  finish(uniqueLow: number, uniqueHigh: number, payload: number): number {
    return this.#header(uniqueLow, uniqueHigh, payload, 0);
  }

  /** A failure; `errno` is positive. */
  fail(uniqueLow: number, uniqueHigh: number, errno: number): number {
    return this.#header(uniqueLow, uniqueHigh, 0, -errno);
  }

  #header(uniqueLow: number, uniqueHigh: number, payload: number, error: number): number {
    const words = this.#words;
    const length = sizes.replyHeader + payload;
    words[0] = length;
    words[1] = error;
    words[2] = uniqueLow;
    words[3] = uniqueHigh;
    return length;
  }

  /** The place of the payload, for a read that fills it in place. The view is used again: valid until the next call. */
  payload(length: number): Uint8Array {
    if (this.#view.length !== length) this.#view = new Uint8Array(this.#bytes.buffer, sizes.replyHeader, length);
    return this.#view;
  }

  /** struct fuse_entry_out. */
  entry(reply: EntryReply): number {
    this.writeEntry(sizes.replyHeader, reply);
    return sizes.entry;
  }

  /** struct fuse_attr_out. */
  attributes(reply: AttributesReply): number {
    const timeout = seconds(reply.attributeTimeout);
    this.#writeLong(firstWord, Math.floor(timeout));
    this.#words[firstWord + 2] = (timeout % 1) * 1e9;
    this.#words[firstWord + 3] = 0;
    this.#writeAttributes(firstWord + 4, reply.attributes);
    return sizes.attributes;
  }

  /** struct fuse_open_out. */
  open(reply: OpenReply): number {
    this.#writeOpen(firstWord, reply);
    return sizes.open;
  }

  /** struct fuse_entry_out, then struct fuse_open_out. */
  create(reply: CreateReply): number {
    if (reply.entry.node === 0) throw new TypeError('a created file has a node');
    this.writeEntry(sizes.replyHeader, reply.entry);
    this.#writeOpen(firstWord + sizes.entry / 4, reply.open);
    return sizes.entry + sizes.open;
  }

  /** struct fuse_write_out and fuse_getxattr_out: a 32-bit number and padding. */
  count(count: number): number {
    this.#words[firstWord] = count;
    this.#words[firstWord + 1] = 0;
    return 8;
  }

  /** struct fuse_lseek_out. */
  offset(offset: number): number {
    this.#writeLong(firstWord, offset);
    return 8;
  }

  /** struct fuse_statfs_out. */
  statistics(figures: FileSystemStatistics): number {
    const words = this.#words;
    this.#writeLong(firstWord, figures.blocks);
    this.#writeLong(firstWord + 2, figures.blocksFree);
    this.#writeLong(firstWord + 4, figures.blocksFree);
    this.#writeLong(firstWord + 6, figures.files);
    this.#writeLong(firstWord + 8, figures.filesFree);
    words[firstWord + 10] = figures.blockSize;
    words[firstWord + 11] = maxNameBytes;
    words[firstWord + 12] = figures.blockSize;
    words.fill(0, firstWord + 13, firstWord + sizes.statistics / 4);
    return sizes.statistics;
  }

  /** Bytes as they are. Throws `RangeError` for more than `most`. */
  data(bytes: Uint8Array, most: number): number {
    if (bytes.length > Math.min(most, this.capacity))
      throw new RangeError(`${bytes.length} bytes answered, at most ${most} asked for`);
    this.#bytes.set(bytes, sizes.replyHeader);
    return bytes.length;
  }

  /** UTF-8 without an end mark. */
  text(text: string): number {
    return this.#bytes.write(text, sizes.replyHeader, 'utf8');
  }

  /** struct fuse_entry_out at a byte position of the message, which is a multiple of 8. */
  writeEntry(at: number, reply: EntryReply): void {
    const words = this.#words;
    const word = at >>> 2;
    const entryTimeout = seconds(reply.entryTimeout);
    if (reply.node === 0) {
      words.fill(0, word, word + sizes.entry / 4);
    } else {
      const found = reply as FoundEntry;
      const attributeTimeout = seconds(found.attributeTimeout);
      this.#writeLong(word, reply.node);
      words[word + 2] = 0;
      words[word + 3] = 0;
      this.#writeLong(word + 6, Math.floor(attributeTimeout));
      words[word + 9] = (attributeTimeout % 1) * 1e9;
      this.#writeAttributes(word + 10, found.attributes);
    }
    this.#writeLong(word + 4, Math.floor(entryTimeout));
    words[word + 8] = (entryTimeout % 1) * 1e9;
  }

  /** struct fuse_attr. */
  #writeAttributes(word: number, attributes: Attributes): void {
    const words = this.#words;
    this.#writeLong(word, attributes.ino);
    this.#writeLong(word + 2, attributes.size);
    this.#writeLong(word + 4, attributes.blocks);
    this.#writeTime(word + 6, word + 12, attributes.atime);
    this.#writeTime(word + 8, word + 13, attributes.mtime);
    this.#writeTime(word + 10, word + 14, attributes.ctime);
    words[word + 15] = attributes.mode;
    words[word + 16] = attributes.nlink;
    words[word + 17] = attributes.uid;
    words[word + 18] = attributes.gid;
    words[word + 19] = 0;
    words[word + 20] = preferredBlockBytes;
    words[word + 21] = 0;
  }

  /** Whole microseconds: what a double can carry, and what INIT announces as the granularity. */
  #writeTime(secondsWord: number, nanosecondsWord: number, milliseconds: number): void {
    const microseconds = Math.round(milliseconds * 1000);
    const whole = Math.floor(microseconds / 1e6);
    this.#writeLong(secondsWord, whole);
    this.#words[nanosecondsWord] = (microseconds - whole * 1e6) * 1000;
  }

  #writeOpen(word: number, reply: OpenReply): void {
    this.#writeLong(word, reply.handle);
    this.#words[word + 2] =
      (reply.directIo === true ? openBits.DIRECT_IO : 0) |
      (reply.keepCache === true ? openBits.KEEP_CACHE : 0) |
      (reply.noFlush === true ? openBits.NOFLUSH : 0) |
      (reply.cacheDirectory === true ? openBits.CACHE_DIR : 0) |
      (reply.backing === undefined ? 0 : openBits.PASSTHROUGH);
    this.#words[word + 3] = reply.backing ?? 0;
  }

  /** Storing takes the low 32 bits of each; negative numbers become two's complement. */
  #writeLong(word: number, value: number): void {
    this.#words[word] = value;
    this.#words[word + 1] = Math.floor(value / twoTo32);
  }
}

/** A time of validity that the kernel can hold: not negative, and "for ever" is 136 years. */
function seconds(timeout: number): number {
  return timeout > 0 ? Math.min(timeout, twoTo32 - 1) : 0;
}
