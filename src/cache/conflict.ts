import { createHash } from 'node:crypto';
import { maxNameBytes } from '../store/path.ts';
import type { ByteRange, FileEntry, Source, Store } from '../store/store.ts';

/** A longer one is no extension but a part of the name, which may be shortened. */
const maxExtensionBytes = 32;
const maxHostBytes = 64;

/**
 * The name under which a version is kept beside somebody else's: `report (conflicted copy HOST 2026-01-31).txt`, numbered
 * when that is taken too, and shortened in front so that it stays within 255 bytes. `host` may be any text.
 */
export function conflictName(name: string, host: string, at: Date, isTaken: (name: string) => boolean): string {
  const { stem, extension } = splitName(name);
  const machine = shortened(host.replaceAll(/[/\0]/g, '-'), maxHostBytes);
  const day = at.toISOString().slice(0, 10);
  for (let copy = 1; ; copy++) {
    const rest = ` (conflicted copy ${machine} ${day}${copy === 1 ? '' : ` ${copy}`})${extension}`;
    const candidate = shortened(stem, maxNameBytes - Buffer.byteLength(rest)) + rest;
    if (!isTaken(candidate)) return candidate;
  }
}

function splitName(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0 && Buffer.byteLength(name) - Buffer.byteLength(name.slice(0, dot)) <= maxExtensionBytes;
  return hasExtension ? { stem: name.slice(0, dot), extension: name.slice(dot) } : { stem: name, extension: '' };
}

/** As many whole characters from the beginning of `text` as fit. */
function shortened(text: string, bytes: number): string {
  let left = bytes;
  let end = 0;
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * Whether the store's file has the bytes of `source`: then a refused write was our own, repeated after its answer was lost,
 * and no conflict. Only files of the same size are read.
 */
export async function hasSameBytes(
  store: Store,
  entry: FileEntry,
  source: Source,
  signal: AbortSignal,
): Promise<boolean> {
  if (entry.size !== source.size) return false;
  const theirs = await store.read(entry.path, { signal });
  const [ours, other] = await Promise.all([digest(source.stream()), digest(theirs.body)]);
  return ours.equals(other);
}

/** As `hasSameBytes`, for some ranges of both. */
export async function hasSameParts(
  store: Store,
  entry: FileEntry,
  source: Source,
  ranges: readonly ByteRange[],
  signal: AbortSignal,
): Promise<boolean> {
  if (entry.size !== source.size) return false;
  for (const { start, end } of ranges) {
    const range = { offset: start, length: end - start, ifRevision: entry.revision, signal };
    const theirs = await store.read(entry.path, range);
    const [ours, other] = await Promise.all([digest(source.slice(start, end).stream()), digest(theirs.body)]);
    if (!ours.equals(other)) return false;
  }
  return true;
}

async function digest(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest();
}
