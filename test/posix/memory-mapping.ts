import koffi from 'koffi';
import { lastError } from './system-calls.ts';

const c = koffi.load(null);
const mmap = c.func('void *mmap(void *, size_t, int, int, int, int64_t)');
const munmap = c.func('int munmap(void *, size_t)');
const msync = c.func('int msync(void *, size_t, int)');

/** Values of bits/mman-linux.h. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_ANONYMOUS = 0x20;
const MS_SYNC = 4;
const MAP_FAILED = (1n << 64n) - 1n;

/** How `Mapping.of` maps a file. */
export interface MappingOptions {
  /** Changes stay with this mapping. @default false */
  readonly isPrivate?: boolean;
  /** @default true */
  readonly writable?: boolean;
  /** Where in the file it begins, a multiple of the page. @default 0 */
  readonly offset?: number;
}

/** A piece of memory that stands for a piece of a file (mmap(2)), or for nothing. Touching what lies behind the file's last page kills the process. */
export class Mapping {
  readonly bytes: Uint8Array;
  readonly #address: bigint;
  #mapped = true;

  private constructor(address: bigint, length: number) {
    this.#address = address;
    this.bytes = new Uint8Array(koffi.view(address, length));
  }

  /** Maps a file. Throws the error of mmap(2). */
  static of(descriptor: number, length: number, options: MappingOptions = {}): Mapping {
    const { isPrivate = false, writable = true, offset = 0 } = options;
    const protection = PROT_READ | (writable ? PROT_WRITE : 0);
    return Mapping.#map(length, protection, isPrivate ? MAP_PRIVATE : MAP_SHARED, descriptor, offset);
  }

  /** Zeros that begin at a page, as O_DIRECT wants it. */
  static anonymous(length: number): Mapping {
    return Mapping.#map(length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }

  static #map(length: number, protection: number, flags: number, descriptor: number, offset: number): Mapping {
    const address = mmap(null, length, protection, flags, descriptor, offset) as bigint;
    if (address === MAP_FAILED) throw lastError('mmap');
    return new Mapping(address, length);
  }

  /** Writes what was changed into the file. */
  sync(): void {
    if (msync(this.#address, this.bytes.length, MS_SYNC) < 0) throw lastError('msync');
  }

  /** Gives the memory back; `bytes` must not be touched any more. */
  [Symbol.dispose](): void {
    if (!this.#mapped) return;
    this.#mapped = false;
    if (munmap(this.#address, this.bytes.length) < 0) throw lastError('munmap');
  }
}
