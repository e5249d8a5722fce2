const mostBytes = 32 << 20;

/** What was exported last, in memory; what was not needed for the longest time goes first. */
export class HeldExports {
  readonly #contents = new Map<string, { readonly digest: string; readonly bytes: Buffer }>();
  #bytes = 0;

  /** The bytes of a document with this digest, where they are still held. */
  get(id: string, digest: string): Buffer | undefined {
    const held = this.#contents.get(id);
    if (held?.digest !== digest) return undefined;
    this.#contents.delete(id);
    this.#contents.set(id, held);
    return held.bytes;
  }

  put(id: string, digest: string, bytes: Buffer): void {
    this.#drop(id);
    this.#contents.set(id, { digest, bytes });
    this.#bytes += bytes.length;
    for (const oldest of this.#contents.keys()) {
      if (this.#bytes <= mostBytes || oldest === id) return;
      this.#drop(oldest);
    }
  }

  #drop(id: string): void {
    this.#bytes -= this.#contents.get(id)?.bytes.length ?? 0;
    this.#contents.delete(id);
  }
}
