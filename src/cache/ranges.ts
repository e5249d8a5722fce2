import type { ByteRange } from '../store/store.ts';

/**
 * A set of byte positions as sorted, disjoint, non-touching ranges `[start, end)`. Says which parts of a file are here.
 */
export class Ranges {
  /** start0, end0, start1, end1, ... */
  readonly #edges: number[];

  constructor(edges: readonly number[] = []) {
    this.#edges = [...edges];
  }

  /** The inverse of `toJSON`. */
  static parse(text: string): Ranges {
    return new Ranges(rangeEdges(JSON.parse(text)));
  }

  /** How many bytes are in the set. */
  get bytes(): number {
    let bytes = 0;
    for (let i = 0; i < this.#edges.length; i += 2) bytes += this.#end(i) - this.#start(i);
    return bytes;
  }

  /** How many ranges there are. */
  get count(): number {
    return this.#edges.length / 2;
  }

  /** Whether all of `[start, end)` is in the set. */
  covers(start: number, end: number): boolean {
    if (start >= end) return true;
    const i = this.#firstEndingAfter(start);
    return i < this.#edges.length && this.#start(i) <= start && this.#end(i) >= end;
  }

  /** Adds `[start, end)`. */
  add(start: number, end: number): void {
    if (start >= end) return;
    const first = this.#firstEndingAfter(start - 1);
    let after = first;
    let from = start;
    let to = end;
    while (after < this.#edges.length && this.#start(after) <= end) {
      from = Math.min(from, this.#start(after));
      to = Math.max(to, this.#end(after));
      after += 2;
    }
    this.#edges.splice(first, after - first, from, to);
  }

  /** Removes everything at and after `size`. */
  cut(size: number): void {
    let i = this.#firstEndingAfter(size);
    if (i < this.#edges.length && this.#start(i) < size) {
      this.#edges[i + 1] = size;
      i += 2;
    }
    this.#edges.length = i;
  }

  /** The parts of `[start, end)` that are not in the set, in order. */
  missing(start: number, end: number): ByteRange[] {
    const gaps: ByteRange[] = [];
    let at = start;
    for (let i = this.#firstEndingAfter(start); at < end && i < this.#edges.length && this.#start(i) < end; i += 2) {
      if (this.#start(i) > at) gaps.push({ start: at, end: this.#start(i) });
      at = this.#end(i);
    }
    if (at < end) gaps.push({ start: at, end });
    return gaps;
  }

  /** The ranges, in order. */
  all(): ByteRange[] {
    return Array.from({ length: this.count }, (_, i) => ({ start: this.#start(2 * i), end: this.#end(2 * i) }));
  }

  /** `[start0, end0, start1, end1, ...]` */
  toJSON(): readonly number[] {
    return this.#edges;
  }

  #start(i: number): number {
    return this.#edges[i] as number;
  }

  #end(i: number): number {
    return this.#edges[i + 1] as number;
  }

  /** Index of the first range whose end is greater than `position`, by bisection. */
  #firstEndingAfter(position: number): number {
    let low = 0;
    let high = this.#edges.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#end(middle * 2) > position) high = middle;
      else low = middle + 1;
    }
    return low * 2;
  }
}

/** The edges of ranges. Throws a `TypeError` for anything else. */
export function rangeEdges(value: unknown): number[] {
  const edges: unknown[] = Array.isArray(value) ? value : [-1];
  const isSorted = edges.every(
    (edge, i) => Number.isSafeInteger(edge) && (edge as number) > Number(edges[i - 1] ?? -1),
  );
  if (!isSorted || edges.length % 2 !== 0) throw new TypeError('these are no ranges');
  return edges as number[];
}

/** Whether two ranges have a byte in common. */
export function overlaps(a: ByteRange, b: ByteRange): boolean {
  return a.start < b.end && b.start < a.end;
}
