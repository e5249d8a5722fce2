import type { Entry } from '../store/store.ts';

/**
 * Bytes in one message: large enough that a few under way keep the other thread busy when this one is, small enough to be copied in a fraction of a
 * millisecond.
 */
const pieceBytes = 512 << 10;

/** Entries in one message: taking them apart costs the receiver about a quarter of a millisecond. */
const pieceEntries = 256;

/** Makes few large pieces of many small parts, in memory that nobody else has. */
export interface Gathering<Part, Piece> {
  readonly isEmpty: boolean;
  readonly isFull: boolean;
  /** Nothing but the end is expected any more. */
  readonly isComplete: boolean;
  /** Takes `part` in; answers the pieces that had to make room for it, one by one, while `part` stays as it is. */
  add(part: Part): Iterable<Piece>;
  /** What is gathered, which then belongs to the caller. */
  take(): Piece;
}

/** Gathers bytes, of which so many are expected: that saves memory and a message, and nothing depends on it. */
export class GatheredBytes implements Gathering<Uint8Array, Uint8Array> {
  #expected: number;
  #piece: Uint8Array | undefined;
  #length = 0;

  constructor(expected: number) {
    this.#expected = expected;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get isFull(): boolean {
    return this.#length > 0 && this.#length === this.#piece?.length;
  }

  get isComplete(): boolean {
    return this.#expected === 0;
  }

  *add(part: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < part.length; ) {
      if (this.isFull) yield this.take();
      const left = part.length - at;
      // Not from Buffer's pool, whose memory cannot go to another thread.
      this.#piece ??= Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(left, this.#expected)));
      const bytes = Math.min(left, this.#piece.length - this.#length);
      this.#piece.set(part.subarray(at, at + bytes), this.#length);
      this.#length += bytes;
      this.#expected -= bytes;
      at += bytes;
    }
  }

  take(): Uint8Array {
    const { buffer } = this.#piece ?? new Uint8Array(0);
    const piece = new Uint8Array(buffer, 0, this.#length);
    this.#piece = undefined;
    this.#length = 0;
    return piece;
  }
}

/** Gathers the entries of a listing. */
export class GatheredEntries implements Gathering<Entry, readonly Entry[]> {
  readonly isComplete = false;
  #entries: Entry[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isFull(): boolean {
    return this.#entries.length >= pieceEntries;
  }

  *add(entry: Entry): Generator<readonly Entry[]> {
    if (this.isFull) yield this.take();
    this.#entries.push(entry);
  }

  take(): readonly Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }
}
