/** Names in the order of their UTF-8 bytes. */
export class SortedNames {
  readonly #names: string[] = [];
  readonly #bytes: Buffer[] = [];

  add(name: string): void {
    const bytes = Buffer.from(name);
    const at = this.#indexOf(bytes);
    this.#names.splice(at, 0, name);
    this.#bytes.splice(at, 0, bytes);
  }

  delete(name: string): void {
    const at = this.#indexOf(Buffer.from(name));
    this.#names.splice(at, 1);
    this.#bytes.splice(at, 1);
  }

  /** The names from this one on. */
  from(name: string): string[] {
    return name === '' ? this.#names : this.#names.slice(this.#indexOf(Buffer.from(name)));
  }

  /** Where the name is, or would be. */
  #indexOf(bytes: Buffer): number {
    let [low, high] = [0, this.#bytes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.#bytes[middle] as Buffer, bytes) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
