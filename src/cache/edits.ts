import type { ByteRange } from '../store/store.ts';
import { rangeEdges, Ranges } from './ranges.ts';

/** Edits are kept in steps of this size: what services take in parts is larger still. */
const step = 1 << 20;
/** A file that was changed at more places than this is sent whole. */
const mostRanges = 2048;

/**
 * Where a file's content differs from one revision of it at the store: what lies outside is the same, byte for byte, and need
 * not be sent. It may say more than was changed, never less.
 *
 * The crash story: edits are saved with the node. Of a file that was being written when the process died (`Node.writing`) the
 * last ones are unknown, so recovery forgets them all.
 */
export class Edits {
  /** What the content was when nothing was changed yet. */
  readonly revision: string;
  readonly #ranges: Ranges;

  constructor(revision: string, ranges: Ranges = new Ranges()) {
    this.revision = revision;
    this.#ranges = ranges;
  }

  /** The inverse of `toJSON`. */
  static parse(text: string): Edits {
    const [revision, edges] = JSON.parse(text) as [unknown, unknown];
    if (typeof revision !== 'string') throw new TypeError('edits of no revision');
    return new Edits(revision, new Ranges(rangeEdges(edges)));
  }

  /** Notes `[start, end)`. Answers whether the edits are still worth keeping. */
  add(start: number, end: number): boolean {
    this.#ranges.add(start - (start % step), Math.ceil(end / step) * step);
    return this.#ranges.count <= mostRanges;
  }

  /** The parts of a file of `size` bytes that are as in `revision`. */
  unchanged(size: number): ByteRange[] {
    return this.#ranges.missing(0, size);
  }

  /** The same places as differences from a later revision, which this content has passed through. */
  since(revision: string): Edits {
    return new Edits(revision, this.#ranges);
  }

  toJSON(): readonly [string, Ranges] {
    return [this.revision, this.#ranges];
  }
}

/** A file's content, as far as edits are concerned. */
interface Edited {
  readonly synced: { readonly revision?: string | undefined } | null;
  edits: Edits | null;
}

/** Begins to note how a file that is as the store has it will differ. Not saved. */
export function beginEdits(file: Edited): void {
  const revision = file.synced?.revision;
  file.edits = revision === undefined ? null : new Edits(revision);
}

/** Notes that `[start, end)` of a file is not as the store has it any more. Not saved. */
export function noteEdit(file: Edited, start: number, end: number): void {
  if (start < end && file.edits?.add(start, end) === false) file.edits = null;
}
