import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MountError } from './mount-error.ts';
import { isDeadMount, isMounted } from './mount-table.ts';

/**
 * The absolute path of a directory that can be mounted on, without symbolic links. Nothing that is mounted there is touched.
 * Throws `MountError` NotFound, NotADirectory, NotEmpty, AlreadyMounted, DeadMount.
 */
export async function prepareMountPoint(mountPoint: string): Promise<string> {
  const path = await resolveMountPoint(mountPoint);
  if (await isMounted(path)) {
    if (await isDeadMount(path))
      throw new MountError('DeadMount', path, 'a mount whose process has died is left here; unmount it first');
    throw new MountError('AlreadyMounted', path, 'something is mounted here already');
  }
  const { isDirectory } = await inspect(path);
  if (!isDirectory) throw new MountError('NotADirectory', path, 'a mount point is a directory');
  if ((await readdir(path)).length > 0) throw new MountError('NotEmpty', path, 'a mount point is an empty directory');
  return path;
}

/**
 * The absolute path of what may be mounted, without symbolic links above it and in it. The last segment itself is looked at
 * only when nothing is mounted on it. Throws `MountError` NotFound.
 */
export async function resolveMountPoint(mountPoint: string): Promise<string> {
  const absolute = resolve(mountPoint);
  if (absolute === '/' || (await isMounted(absolute))) return absolute;
  const path = join(await realParent(absolute), basename(absolute));
  if (await isMounted(path)) return path;
  const { isLink } = await inspect(path);
  return isLink ? resolveMountPoint(await linkTarget(path)) : path;
}

async function realParent(path: string): Promise<string> {
  try {
    return await realpath(dirname(path));
  } catch (error) {
    throw missing(path, error);
  }
}

/** Where a symbolic link leads, one step: `realpath` would go through, and touch what is mounted there. */
async function linkTarget(path: string): Promise<string> {
  return resolve(dirname(path), await readlink(path));
}

async function inspect(path: string): Promise<{ isDirectory: boolean; isLink: boolean }> {
  try {
    const status = await lstat(path);
    return { isDirectory: status.isDirectory(), isLink: status.isSymbolicLink() };
  } catch (error) {
    throw missing(path, error);
  }
}

function missing(path: string, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new MountError('NotFound', path, 'there is no such directory', { cause });
  if (code === 'ENOTDIR') return new MountError('NotADirectory', path, 'a mount point is a directory', { cause });
  if (code === 'EACCES') return new MountError('NotPermitted', path, 'this directory cannot be reached', { cause });
  return cause;
}
