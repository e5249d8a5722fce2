import { readdir, rmdir, unlink } from 'node:fs/promises';
import { errnoOf, tolerating } from './local-errors.ts';

const slash = Buffer.from('/');

/** Against somebody who fills the directory as fast as it is emptied. */
const maxTries = 100;

/**
 * Removes a directory with all below it, also what a store does not show: links (never what they point to), special files, names
 * that are not UTF-8. What vanishes meanwhile is a success, what appears meanwhile is removed too. Throws the signal's reason.
 */
export async function removeTree(directory: string | Buffer, signal?: AbortSignal): Promise<void> {
  const path = Buffer.from(directory);
  for (let tries = 1; ; tries++) {
    const options = { encoding: 'buffer', withFileTypes: true } as const;
    for (const entry of (await tolerating(readdir(path, options), 'ENOENT')) ?? []) {
      signal?.throwIfAborted();
      const child = Buffer.concat([path, slash, entry.name]);
      if (entry.isDirectory()) await removeTree(child, signal);
      // EISDIR: it has become a directory; the next round finds it.
      else await tolerating(unlink(child), 'ENOENT', 'EISDIR');
    }
    if (await isRemoved(path, tries < maxTries)) return;
  }
}

async function isRemoved(path: Buffer, mayBeFull: boolean): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return true;
    if (errno === 'ENOTEMPTY' && mayBeFull) return false;
    throw error;
  }
}
