import type { ByteRange } from '../store/store.ts';
import { overlaps, type Ranges } from './ranges.ts';
import type { RangeRequest } from './arrival.ts';

/** Requests begin and end at multiples of this, so that neighbouring reads do not fetch crumbs. */
const blockBytes = 64 << 10;
/** A longer gap is fetched by several requests in parallel. */
const requestBytes = 4 << 20;
/** So much, and not more, is added to what a reader waits for, to save a request of its own. */
const joinBytes = 1 << 20;
/** A reader waits for a request under way that has to bring no more than this before his bytes. */
const nearBytes = 1 << 20;

/** What is wanted of a file, of which `present` is here. */
export interface WantedRange {
  readonly size: number;
  readonly present: Ranges;
  /** Somebody waits for the bytes from here ... */
  readonly start: number;
  /** ... up to but without here: for none where both are the same. */
  readonly end: number;
  /** The bytes from `end` up to here are fetched in advance. */
  readonly ahead: number;
}

/** How it is brought. */
export interface RequestPlan {
  /** To be made at once: somebody waits. */
  readonly urgent: readonly ByteRange[];
  /** To be made in turn. */
  readonly later: readonly ByteRange[];
  /** Requests that wait for their turn and are urgent now. */
  readonly promoted: readonly RangeRequest[];
}

/**
 * From what is wanted to requests, a pure function: what is here or on its way is not asked for again, except where a reader would
 * wait for much else before his bytes. What is asked for in advance goes in large requests beside each other; what somebody waits
 * for, in one that brings it first.
 */
export function planRequests(wanted: WantedRange, requests: ReadonlySet<RangeRequest>): RequestPlan {
  const { size, present } = wanted;
  const start = wanted.start - (wanted.start % blockBytes);
  const end = wanted.start < wanted.end ? alignedEnd(wanted.end, size) : start;
  const ahead = Math.max(end, alignedEnd(wanted.ahead, size));
  const near = [...requests].filter((request) => isNear(request, { start, end }));
  const urgent = present.missing(start, end).flatMap((gap) => without(gap, near));
  const joined = urgent.map((gap) => (gap.end === end ? lengthened(gap, ahead, present, requests) : gap));
  const rest = present.missing(Math.max(end, joined.at(-1)?.end ?? 0), ahead).flatMap((gap) => without(gap, requests));
  return {
    urgent: joined.flatMap(inRequests),
    later: rest.flatMap(inRequests),
    promoted: near.filter(({ hasBegun }) => !hasBegun),
  };
}

function alignedEnd(end: number, size: number): number {
  return Math.min(size, Math.ceil(end / blockBytes) * blockBytes);
}

/** Whether a request brings bytes of the range soon. */
function isNear({ at, end }: RangeRequest, range: ByteRange): boolean {
  return overlaps({ start: at, end }, range) && range.start - at <= nearBytes;
}

/** A gap at the end of what somebody waits for, with what follows and nobody brings. */
function lengthened(gap: ByteRange, ahead: number, present: Ranges, requests: ReadonlySet<RangeRequest>): ByteRange {
  const most = Math.min(ahead, Math.max(gap.end, gap.start + joinBytes));
  const following = present.missing(gap.end, most)[0];
  if (following === undefined || following.start !== gap.end) return gap;
  const free = without(following, requests)[0];
  return free === undefined || free.start !== gap.end ? gap : { start: gap.start, end: free.end };
}

function inRequests({ start, end }: ByteRange): ByteRange[] {
  const pieces: ByteRange[] = [];
  for (let at = start; at < end; at += requestBytes) pieces.push({ start: at, end: Math.min(end, at + requestBytes) });
  return pieces;
}

/** The parts of `gap` that none of the requests still has to bring. */
function without(gap: ByteRange, requests: Iterable<RangeRequest>): ByteRange[] {
  let parts: ByteRange[] = [gap];
  for (const { at, end } of requests) {
    const taken = { start: at, end };
    parts = parts.flatMap((part) =>
      overlaps(part, taken)
        ? [
            { start: part.start, end: Math.max(part.start, taken.start) },
            { start: Math.min(part.end, taken.end), end: part.end },
          ].filter(({ start, end: partEnd }) => start < partEnd)
        : [part],
    );
  }
  return parts;
}
