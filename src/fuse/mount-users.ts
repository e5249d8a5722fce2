import { readdir, readFile, readlink } from 'node:fs/promises';
import { parseMountTable } from './mount-table.ts';

/** A process, or another mount, that keeps a mount from being taken away. */
export interface MountUser {
  /** `vim`; for a mount the word `mount`. */
  readonly name: string;
  readonly pid?: number | undefined;
  /** What is used: a path at or below the mount point. */
  readonly path: string;
}

/** More are only counted. */
const mostNamed = 8;

/**
 * Who uses the mount at this absolute path: working directories, programs, open and mapped files (proc(5)), and mounts inside. Of
 * processes of other users only root is told. It reads the tables of the kernel and never touches the mount.
 */
export async function usersOfMount(mountPoint: string): Promise<MountUser[]> {
  const isInside = (path: string): boolean => path === mountPoint || path.startsWith(`${mountPoint}/`);
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const processes = await Promise.all(names.map((pid) => userOf(pid, isInside)));
  const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
  const inner = table.filter(({ path }) => path.startsWith(`${mountPoint}/`));
  return [
    ...processes.filter((user) => user !== undefined),
    ...inner.map(({ path }): MountUser => ({ name: 'mount', path })),
  ];
}

/** The users in a sentence for people. */
export function usersText(users: readonly MountUser[]): string {
  if (users.length === 0) return 'it is in use by processes that you may not see';
  const named = users
    .slice(0, mostNamed)
    .map(({ name, pid, path }) => (pid === undefined ? `a mount on ${path}` : `${name} (process ${pid}: ${path})`));
  const more = users.length > mostNamed ? ` and ${users.length - mostNamed} more` : '';
  return `it is in use by ${named.join(', ')}${more}`;
}

async function userOf(pid: string, isInside: (path: string) => boolean): Promise<MountUser | undefined> {
  const directory = `/proc/${pid}`;
  for await (const path of pathsOf(directory))
    if (isInside(path)) return { name: await nameOf(directory), pid: Number(pid), path };
  return undefined;
}

async function* pathsOf(directory: string): AsyncGenerator<string> {
  for (const link of ['cwd', 'root', 'exe']) yield await target(`${directory}/${link}`);
  for (const descriptor of await quietly(readdir(`${directory}/fd`), []))
    yield await target(`${directory}/fd/${descriptor}`);
  for (const line of (await quietly(readFile(`${directory}/maps`, 'utf8'), '')).split('\n')) {
    const at = line.indexOf('/');
    if (at >= 0) yield line.slice(at);
  }
}

function target(link: string): Promise<string> {
  return quietly(readlink(link), '');
}

async function nameOf(directory: string): Promise<string> {
  return (await quietly(readFile(`${directory}/comm`, 'utf8'), 'unknown')).trim();
}

/** A process that ended meanwhile, or that is none of our business, has nothing to tell. */
async function quietly<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading;
  } catch {
    return otherwise;
  }
}
