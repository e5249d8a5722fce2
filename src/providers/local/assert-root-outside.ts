import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { StoreError } from '../../store/errors.ts';
import { tolerating } from './local-errors.ts';

/** As many links as the kernel follows (path_resolution(7)). */
const maxLinks = 40;

/** What the root of a local store must not share a tree with. */
export interface RootNeighbours {
  /** Absent where nothing is mounted. */
  readonly mountPoint?: string | undefined;
  readonly cacheDirectory: string;
}

/**
 * Throws `InvalidPath` when the root of a local store is the mount point or the cache directory, lies in one of them, or holds one
 * of them: the mount would show itself, or the cache its own files. Compared by real paths; what does not exist yet is taken as
 * it is written. The mount point itself is never touched, because one whose daemon has died may hang whoever looks.
 */
export async function assertRootOutside(root: string, { mountPoint, cacheDirectory }: RootNeighbours): Promise<void> {
  const mount = mountPoint === undefined ? undefined : await realMountPoint(resolve(mountPoint));
  const isMount = (path: string): boolean => path === mount;
  const realRoot = await realPath(resolve(root), isMount);
  if (mount !== undefined) assertApart(root, realRoot, mount, `the mount point ${mountPoint}`);
  assertApart(
    root,
    realRoot,
    await realPath(resolve(cacheDirectory), isMount),
    `the cache directory ${cacheDirectory}`,
  );
}

async function realMountPoint(path: string): Promise<string> {
  return join(await realPath(dirname(path)), path.slice(dirname(path).length));
}

function assertApart(root: string, realRoot: string, other: string, what: string): void {
  if (!holds(realRoot, other) && !holds(other, realRoot)) return;
  const message = `the root ${root} and ${what} must not lie in each other`;
  throw new StoreError('InvalidPath', { operation: 'open', path: root, store: 'local', message });
}

/** Whether `path` is `directory` or lies below it. */
function holds(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Resolves links one after the other. It stops at a directory that `isForbidden`, before anybody asks for what is in it, and
 * where something is missing; the rest is then taken as it is.
 */
async function realPath(path: string, isForbidden: (path: string) => boolean = () => false): Promise<string> {
  let real: string = sep;
  let links = 0;
  for (let names = path.split(sep).filter(Boolean); names.length > 0; ) {
    const [name = '', ...rest] = names;
    const next = name === '..' ? dirname(real) : join(real, name);
    if (isForbidden(next)) return join(next, ...rest);
    const stats = await tolerating(lstat(next), 'ENOENT', 'ENOTDIR');
    if (stats?.isSymbolicLink() !== true) {
      real = next;
      names = rest;
      continue;
    }
    if (++links > maxLinks)
      throw new StoreError('InvalidPath', { operation: 'open', path, message: 'too many symbolic links' });
    const target = await readlink(next);
    if (isAbsolute(target)) real = sep;
    names = [...target.split(sep).filter((part) => part !== '' && part !== '.'), ...rest];
  }
  return real;
}
