import type { BigIntStats } from 'node:fs';
import { nameOf, segmentsOf } from '../../store/path.ts';
import { revisionOf } from './local-entry.ts';
import { LocalRefusal } from './local-errors.ts';
import type { LocalPlace } from './local-root.ts';
import { isReserved } from './upload-name.ts';

/** Throws `Conflict` unless the file has the expected revision, or with null does not exist. */
export function assertRevision(stats: BigIntStats | undefined, expected: string | null | undefined): void {
  if (expected === undefined) return;
  if (stats === undefined && expected === null) return;
  if (stats?.isFile() === true && revisionOf(stats) === expected) return;
  throw new LocalRefusal('Conflict', expected === null ? 'there is a file already' : 'it is no longer that revision');
}

/** Throws `IsADirectory`, `NotADirectory` or `Conflict` unless a file may be written at this place. */
export function assertWritable({ stats, parent }: LocalPlace, ifRevision: string | null | undefined): void {
  if (stats?.isDirectory() === true) throw new LocalRefusal('IsADirectory', 'a file does not replace a directory');
  assertParent(parent);
  assertRevision(stats, ifRevision);
}

/** Throws `NotADirectory` where a file stands in place of a parent. */
export function assertParent(parent: LocalPlace['parent']): void {
  if (parent === 'file') throw new LocalRefusal('NotADirectory', 'a parent is a file');
}

/** Throws `InvalidPath` for names that are kept for unfinished uploads. */
export function assertNotReserved(path: string): void {
  const [first = ''] = segmentsOf(path);
  if (isReserved(first, true) || isReserved(nameOf(path), false)) {
    throw new LocalRefusal('InvalidPath', 'this name is kept for unfinished uploads');
  }
}
