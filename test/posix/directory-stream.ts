import koffi from 'koffi';
import { lastError } from './system-calls.ts';

const c = koffi.load(null);
const opendir = c.func('void *opendir(const char *)');
const readdir = c.func('void *readdir64(void *)');
const closedir = c.func('int closedir(void *)');
const rewinddir = c.func('void rewinddir(void *)');
const telldir = c.func('int64_t telldir(void *)');
const seekdir = c.func('void seekdir(void *, int64_t)');

/** Values of dirent.h. */
export const directoryTypes = { directory: 4, file: 8, link: 10 } as const;

/** One name of a directory, as struct dirent has it. */
export interface DirectoryName {
  readonly name: string;
  readonly ino: bigint;
  readonly type: number;
}

/** A directory that is being read, `.` and `..` included (opendir(3)). */
export class DirectoryStream {
  readonly #stream: unknown;
  #open = true;

  constructor(path: string) {
    this.#stream = opendir(path);
    if (this.#stream === null) throw lastError('opendir');
  }

  /** The next name, undefined at the end (readdir(3)). */
  next(): DirectoryName | undefined {
    koffi.errno(0);
    const entry: unknown = readdir(this.#stream);
    if (entry === null) {
      if (koffi.errno() !== 0) throw lastError('readdir');
      return undefined;
    }
    return decode(entry);
  }

  /** What is left, in the order of the directory. */
  rest(): DirectoryName[] {
    const names: DirectoryName[] = [];
    for (let name = this.next(); name !== undefined; name = this.next()) names.push(name);
    return names;
  }

  rewind(): void {
    rewinddir(this.#stream);
  }

  /** Where `next` goes on, for `seek`. */
  tell(): bigint | number {
    return telldir(this.#stream) as bigint | number;
  }

  seek(position: bigint | number): void {
    seekdir(this.#stream, position);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    if (closedir(this.#stream) < 0) throw lastError('closedir');
  }
}

/** struct dirent64: inode and position (64 bits each), length of the record (16), type (8), then the name and a NUL. */
function decode(entry: unknown): DirectoryName {
  const length = new DataView(koffi.view(entry, 20)).getUint16(16, true);
  const record = Buffer.from(koffi.view(entry, length));
  const end = record.indexOf(0, 19);
  return { name: record.toString('utf8', 19, end), ino: record.readBigUInt64LE(0), type: record.readUInt8(18) };
}
