/**
 * A message of the wire, as bytes and as 32-bit words. It owns its memory: Node's pooled buffers begin at any byte, and words
 * can be read only from a multiple of four.
 */
export class WireBuffer {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;

  /** `size` in bytes, a multiple of 8. */
  constructor(size: number) {
    const memory = new ArrayBuffer(size);
    this.bytes = Buffer.from(memory);
    this.words = new Uint32Array(memory);
  }
}
