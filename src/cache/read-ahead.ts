const smallest = 128 << 10;
const largest = 8 << 20;

/**
 * How far one reader's next bytes are guessed. Reading on from where the last read ended doubles the window, any jump closes
 * it, so sequential reading soon keeps large requests under way and random reading fetches next to nothing more than it asks.
 * The window moves on only when the reader has come half way through it: by large steps, not by one small request a read.
 */
export class ReadAhead {
  #expected = 0;
  #window = 0;
  #end = 0;

  /** Notes a read and answers the end of what should be fetched in advance; the read's own end when nothing should. */
  endFor(offset: number, length: number): number {
    const sequential = offset === this.#expected;
    this.#expected = offset + length;
    if (!sequential) this.#window = this.#end = 0;
    else if (this.#end - this.#expected >= this.#window / 2 && this.#window > 0) return this.#end;
    else this.#window = Math.min(largest, Math.max(smallest, this.#window * 2));
    this.#end = this.#expected + this.#window;
    return this.#end;
  }
}
