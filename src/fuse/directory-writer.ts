import { entryTypes, sizes } from './abi.ts';
import type { FoundEntry, ReplyWriter } from './encode.ts';
import type { DirectoryListing, EntryReply } from './file-system.ts';

const twoTo32 = 2 ** 32;
/** FUSE_NAME_MAX; one longer name and the kernel refuses the whole listing. */
const longestName = 1024;

/** The listing of one READDIR (struct fuse_dirent) or READDIRPLUS (struct fuse_direntplus), written where the reply is sent from. */
export class DirectoryWriter implements DirectoryListing {
  plus = false;
  readonly #reply: ReplyWriter;
  #start = 0;
  #end = 0;
  #at = 0;

  constructor(reply: ReplyWriter) {
    this.#reply = reply;
  }

  /** Begins a listing of at most `size` bytes. */
  begin(size: number, plus: boolean): void {
    this.plus = plus;
    this.#start = sizes.replyHeader;
    this.#at = this.#start;
    this.#end = this.#start + Math.min(size, this.#reply.capacity);
  }

  /** Bytes written since `begin`. */
  get length(): number {
    return this.#at - this.#start;
  }

  add(name: string, ino: number, directory: boolean, next: number, reply?: EntryReply): boolean {
    const { bytes, words } = this.#reply.buffer;
    const nameAt = this.#at + (this.plus ? sizes.entry : 0) + sizes.directoryEntry;
    // Most names are known to fit without counting their bytes first.
    if (nameAt + name.length * 3 + 7 > this.#end && nameAt + padded(Buffer.byteLength(name)) > this.#end) return false;
    if (name === '' || name.includes('/')) throw new TypeError(`not a name in a directory: ${JSON.stringify(name)}`);
    const nameBytes = bytes.write(name, nameAt, 'utf8');
    if (nameBytes > longestName) throw new RangeError(`a name of ${nameBytes} bytes in a directory`);
    const end = nameAt + padded(nameBytes);
    bytes.fill(0, nameAt + nameBytes, end);
    if (this.plus) this.#writePlus(words, reply);
    const word = (nameAt - sizes.directoryEntry) >>> 2;
    words[word] = ino;
    words[word + 1] = Math.floor(ino / twoTo32);
    words[word + 2] = next;
    words[word + 3] = Math.floor(next / twoTo32);
    words[word + 4] = nameBytes;
    words[word + 5] = typeOf(directory, reply);
    this.#at = end;
    return true;
  }

  #writePlus(words: Uint32Array, reply: EntryReply | undefined): void {
    if (reply !== undefined) this.#reply.writeEntry(this.#at, reply);
    else words.fill(0, this.#at >>> 2, (this.#at + sizes.entry) >>> 2);
  }
}

function padded(length: number): number {
  return (length + 7) & ~7;
}

function typeOf(directory: boolean, reply: EntryReply | undefined): number {
  if (reply !== undefined && reply.node !== 0) return ((reply as FoundEntry).attributes.mode >>> 12) & 15;
  return directory ? entryTypes.directory : entryTypes.file;
}
