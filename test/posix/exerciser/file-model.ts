/** What a file should hold. Several names at different times, and several descriptors, may mean the same file. */
export class FileModel {
  #bytes: Buffer = Buffer.alloc(4096);
  #size = 0;
  /** Changed through a mapping since it was last synced: a dead daemon has not heard of that. */
  mapped = false;

  get size(): number {
    return this.#size;
  }

  /** The bytes of `[start, end)`, as far as there are any. */
  slice(start: number, end: number): Buffer {
    return this.#bytes.subarray(Math.min(start, this.#size), Math.min(end, this.#size));
  }

  write(offset: number, data: Uint8Array): void {
    if (data.length === 0) return;
    if (offset + data.length > this.#size) this.resize(offset + data.length);
    this.#bytes.set(data, offset);
  }

  resize(size: number): void {
    if (size > this.#bytes.length) {
      const larger = Buffer.alloc(size * 2);
      this.#bytes.copy(larger, 0, 0, this.#size);
      this.#bytes = larger;
    }
    // What lies behind the end is zero, so that a file that grows again shows nothing of what was cut off.
    this.#bytes.fill(0, Math.min(size, this.#size), Math.max(size, this.#size));
    this.#size = size;
  }
}
