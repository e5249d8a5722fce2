import { Interest } from './arrival.ts';

/** So many places of one open file can be read on from in turn. */
const streamsAtOnce = 4;
/** A read this near behind or before the end of the last one reads on: the kernel sends its reads side by side. */
const nearBytes = 256 << 10;
/** The first window. */
const smallest = 128 << 10;
/** A file up to this size is fetched whole when it is read from the beginning. */
const wholeBytes = 512 << 10;
/** Of what was read in a row, this many times as much is fetched in advance. */
const growth = 4;

interface Stream {
  /** How far it has been read. */
  next: number;
  readonly begin: number;
  /** Bytes that were read of it, what was read twice counted twice. */
  bytes: number;
  /** How far it is fetched. */
  ahead: number;
  readonly interest: Interest;
}

/** How far to fetch for a read, and for whom. */
export interface Lookahead {
  /** The end of what should be here soon; the read's own end when nothing more should. */
  readonly end: number;
  /** The end has moved, so that more must be asked for. */
  readonly isNews: boolean;
  readonly interest: Interest;
}

/**
 * How far the next bytes of an open file are guessed. Whoever reads on from where he ended gets four times what he has read in a
 * row: a few round trips later large requests fill the line, and who soon stops has moved little for nothing. A jump begins a new
 * stream, and fetches next to nothing more than it asks. A few streams are followed side by side; the one that was read longest
 * ago is forgotten first, with what was still to be fetched for it.
 *
 * The window moves on when the reader has come half way through it: by large steps, not by one small request a read.
 */
export class ReadAhead {
  readonly #largest: number;
  readonly #onLost: (interest: Interest) => void;
  /** The one read last at the end. */
  #streams: Stream[] = [];

  /** `largest`: bytes that are fetched in advance at the most. `onLost` is told of what nobody reads on. */
  constructor(largest: number, onLost: (interest: Interest) => void) {
    this.#largest = largest;
    this.#onLost = onLost;
  }

  /** Notes a read in a file of `size` bytes. */
  read(offset: number, length: number, size: number): Lookahead {
    const stream = this.#streamAt(offset);
    const end = offset + length;
    const isFirst = stream.bytes === 0;
    stream.bytes += length;
    stream.next = Math.max(stream.next, end);
    const before = stream.ahead;
    const window = Math.min(this.#largest, isFirst ? firstWindow(offset, size) : nextWindow(stream));
    if (before - stream.next < window / 2) stream.ahead = Math.max(before, stream.next + window);
    return {
      end: Math.max(end, stream.ahead),
      isNews: stream.ahead > Math.max(before, end),
      interest: stream.interest,
    };
  }

  /** The file is closed. */
  close(): void {
    for (const { interest } of this.#streams) this.#onLost(interest);
    this.#streams = [];
  }

  #streamAt(offset: number): Stream {
    const known = this.#streams.findLast(({ next }) => Math.abs(offset - next) <= nearBytes);
    if (known !== undefined && known === this.#streams.at(-1)) return known;
    const stream = known ?? { begin: offset, next: offset, bytes: 0, ahead: offset, interest: new Interest() };
    this.#streams = [...this.#streams.filter((other) => other !== known), stream];
    if (this.#streams.length > streamsAtOnce) {
      const [lost, ...left] = this.#streams;
      this.#streams = left;
      if (lost !== undefined) this.#onLost(lost.interest);
    }
    return stream;
  }
}

/** The beginning of a file is where reading on usually begins. */
function firstWindow(offset: number, size: number): number {
  if (offset > 0) return 0;
  return size <= wholeBytes ? size : smallest;
}

function nextWindow({ begin, next, bytes }: Stream): number {
  return Math.max(smallest, Math.min(bytes, next - begin) * growth);
}
