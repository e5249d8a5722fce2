import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type MountEntry, parseMountTable } from '../fuse/mount-table.ts';
import { CommandError } from './command-error.ts';
import { findMount, type FoundMount } from './find-mount.ts';

/** A path inside a mount, and the mount. */
export interface PathInMount extends FoundMount {
  /** As the store sees it, from its root. */
  readonly path: string;
}

/**
 * Finds the mount that a path lies in, and the path at the store; the path need not exist any more. The mount itself is not touched, unless
 * symbolic links lead to it. Throws `CommandError`.
 */
export async function findPathInMount(given: string): Promise<PathInMount> {
  const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const absolute = resolve(given);
  const direct = mountOf(absolute, table);
  const path = direct === undefined ? await withoutLinks(absolute) : absolute;
  const mountPoint = direct ?? mountOf(path, table);
  if (mountPoint === undefined) throw new CommandError('notMounted', `${given}: it is not in a mount of CloudFusion`);
  const found = await findMount(mountPoint);
  return { ...found, path: storePathOf(given, path.slice(mountPoint.length)) };
}

function mountOf(path: string, table: readonly MountEntry[]): string | undefined {
  const around = table.filter(
    (entry) => path === entry.path || path.startsWith(`${entry.path}/`) || entry.path === '/',
  );
  const nearest = around.reduce<MountEntry | undefined>(
    (best, entry) => (best === undefined || entry.path.length >= best.path.length ? entry : best),
    undefined,
  );
  return nearest?.type === 'fuse.cloudfusion' ? nearest.path : undefined;
}

/** Of what does not exist, the part that does is resolved. */
async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (path === '/' || (error as NodeJS.ErrnoException).code !== 'ENOENT') return path;
    return join(await withoutLinks(dirname(path)), basename(path));
  }
}

function storePathOf(given: string, inMount: string): string {
  if (inMount === '/data') return '/';
  if (inMount.startsWith('/data/')) return inMount.slice('/data'.length);
  throw new CommandError('usage', `${given}: what is sent lies below "data" of the mount`);
}
