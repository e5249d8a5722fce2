import type { ByteRange } from '../../../store/store.ts';
import { xmlLimits } from './xml-settings.ts';

/** One part of a file: the bytes from `start` up to but without `end`. */
export interface Part extends ByteRange {
  /** From 1. */
  readonly number: number;
  /** The service has these bytes already, at the same place of the version that is replaced. */
  readonly copied: boolean;
}

/** What one request copies at the most: so much takes a service some seconds. */
const copyBytes = 512 << 20;
const step = 1 << 20;

/** The size of the parts of a file, so that 10,000 of them suffice: `wanted`, or more in whole MiB. */
export function partSizeFor(size: number, wanted: number): number {
  return Math.max(wanted, Math.ceil(size / xmlLimits.parts / step) * step);
}

/**
 * The parts of a file: all of `partSize` but the last. A part is copied where all of it is `unchanged`, and neighbours that are
 * copied are one part, up to 512 MiB. An empty file has one empty part.
 */
export function planParts(size: number, partSize: number, unchanged: readonly ByteRange[] = []): Part[] {
  const ranges = joined(unchanged);
  const parts: Part[] = [];
  let range = 0;
  for (let start = 0; start < size || parts.length === 0; start += partSize) {
    const end = Math.min(size, start + partSize);
    while ((ranges[range]?.end ?? Infinity) <= start) range++;
    const known = ranges[range];
    const copied = known !== undefined && known.start <= start && end <= known.end && start < end;
    const before = parts.at(-1);
    if (copied && before?.copied === true && end - before.start <= copyBytes)
      parts[parts.length - 1] = { ...before, end };
    else parts.push({ number: parts.length + 1, start, end, copied });
  }
  return parts;
}

/** Sorted ranges, with those that touch made one. */
function joined(ranges: readonly ByteRange[]): ByteRange[] {
  const result: ByteRange[] = [];
  for (const { start, end } of ranges) {
    const before = result.at(-1);
    if (before !== undefined && start <= before.end)
      result[result.length - 1] = { start: before.start, end: Math.max(before.end, end) };
    else result.push({ start, end });
  }
  return result;
}
