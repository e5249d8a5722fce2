import type { BigIntStats } from 'node:fs';
import type { DirectoryEntry, Entry, FileEntry } from '../../store/store.ts';

/** A file's entry. Its times are rounded to milliseconds: utimensat(2) is given fractions of a second that are not exact. */
export function localFile(path: string, stats: BigIntStats): FileEntry {
  return {
    kind: 'file',
    path,
    size: Number(stats.size),
    modified: modifiedOf(stats),
    revision: revisionOf(stats),
    metadata: { mode: stats.mode.toString(8) },
  };
}

/** The entry of a file or directory. */
export function localEntry(path: string, stats: BigIntStats): Entry {
  if (!stats.isDirectory()) return localFile(path, stats);
  const directory: DirectoryEntry = { kind: 'directory', path, modified: modifiedOf(stats) };
  return directory;
}

/** Whether it is what a store shows: links, devices, pipes and sockets are not. */
export function isShown(stats: BigIntStats): boolean {
  return stats.isFile() || stats.isDirectory();
}

/**
 * Changes whenever the content changes: a replacement has another inode or at least another change time, and that time cannot be
 * set (inode(7)). It changes too when the file is renamed, linked, or given other permissions. Two changes in place of the same
 * size within one tick of the kernel's clock are not told apart.
 */
export function revisionOf({ mtimeNs, ctimeNs, size, ino }: BigIntStats): string {
  return [mtimeNs, ctimeNs, size, ino].map((figure) => figure.toString(36)).join('-');
}

function modifiedOf({ mtimeNs }: BigIntStats): number {
  return Math.round(Number(mtimeNs / 1000n) / 1000);
}
