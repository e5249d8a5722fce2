import { createHash } from 'node:crypto';
import type { FileEntry, Source, Store } from '../store/store.ts';

/**
 * The name under which a version is kept beside somebody else's: `report (conflicted copy HOST 2026-01-31).txt`, numbered
 * when that is taken too, and shortened in front so that it stays within 255 bytes.
 */
export function conflictName(name: string, host: string, at: Date, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const day = at.toISOString().slice(0, 10);
  for (let copy = 1; ; copy++) {
    const note = ` (conflicted copy ${host} ${day}${copy === 1 ? '' : ` ${copy}`})`;
    const candidate = fitting(stem, `${note}${extension}`);
    if (!isTaken(candidate)) return candidate;
  }
}

function fitting(stem: string, rest: string): string {
  const characters = Array.from(stem);
  while (characters.length > 0 && Buffer.byteLength(characters.join('') + rest) > 255) characters.pop();
  return characters.join('') + rest;
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

async function digest(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest();
}
