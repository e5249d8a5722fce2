import type { ReadOptions } from './store.ts';

/** Throws a `RangeError` unless offset and length, where given, are whole numbers of bytes, 0 or more. */
export function assertRange({ offset, length }: ReadOptions): void {
  assertBytes('offset', offset);
  assertBytes('length', length);
}

/**
 * The bytes of a file of `size` that a read asks for, from `start` up to but without `end`: cut at the end of the file, empty
 * where it begins behind it. Throws a `RangeError` as `assertRange` does.
 */
export function rangeOf(options: ReadOptions, size: number): { start: number; end: number } {
  assertRange(options);
  const start = Math.min(options.offset ?? 0, size);
  return { start, end: Math.min(size, start + (options.length ?? size)) };
}

function assertBytes(what: string, value: number | undefined): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} is a whole number of bytes, 0 or more, not ${value}`);
  }
}
