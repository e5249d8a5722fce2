/** Bytes that a disk writes as one; what lies within is old or new, never mixed. */
export const pageBytes = 4096;

/** A file's bytes on a disk that loses power: what is durable, and what is only in its memory. */
export class VolatileContent {
  #size = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #durable: Buffer = Buffer.alloc(0);
  readonly #unsynced = new Set<number>();
  #emptied = 0;

  get size(): number {
    return this.#size;
  }

  /** Answers how many bytes there were. */
  read(offset: number, into: Uint8Array): number {
    const found = this.#bytes.subarray(offset, Math.min(this.#size, offset + into.length));
    into.set(found);
    return found.length;
  }

  write(offset: number, data: Uint8Array): void {
    this.#change(offset, offset + data.length);
    this.#reserve(offset + data.length);
    this.#size = Math.max(this.#size, offset + data.length);
    this.#bytes.set(data, offset);
  }

  resize(size: number): void {
    this.#change(Math.min(size, this.#size), Math.max(size, this.#size));
    this.#reserve(size);
    this.#bytes.fill(0, Math.min(size, this.#size));
    this.#size = size;
  }

  /**
   * Cuts all of it off. Answers what is to be called when the disk has that: what the file was before is gone then, and pages that were written since
   * may be there or not.
   */
  empty(): () => void {
    this.resize(0);
    const token = ++this.#emptied;
    return () => {
      if (token === this.#emptied) this.#durable = Buffer.alloc(0);
    };
  }

  /** Zeros, within the size. */
  clear(offset: number, length: number): void {
    const end = Math.min(this.#size, offset + length);
    if (end <= offset) return;
    this.#change(offset, end);
    this.#bytes.fill(0, offset, end);
  }

  /** All of it is durable now. */
  sync(): void {
    this.#emptied++;
    this.#durable = Buffer.from(this.#bytes.subarray(0, this.#size));
    this.#unsynced.clear();
  }

  /** The power went: each page, and the size, that was not durable is kept where `isKept` says so. What is left is durable. */
  cut(isKept: () => boolean): void {
    const size = this.#size === this.#durable.length || isKept() ? this.#size : this.#durable.length;
    const left = Buffer.alloc(size);
    this.#durable.copy(left);
    for (const page of this.#unsynced) {
      const [start, end] = [page * pageBytes, Math.min((page + 1) * pageBytes, size)];
      if (start >= end || start >= this.#size || !isKept()) continue;
      // Behind the end of the file a page has zeros, and is written with them.
      this.#bytes.copy(left.fill(0, start, end), start, start, end);
    }
    this.#bytes = left;
    this.#size = size;
    this.sync();
  }

  #change(start: number, end: number): void {
    for (let page = Math.floor(start / pageBytes); page * pageBytes < end; page++) this.#unsynced.add(page);
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2, pageBytes));
    this.#bytes.copy(grown, 0, 0, this.#size);
    this.#bytes = grown;
  }
}
