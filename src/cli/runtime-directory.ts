/**
 * Where the mounts of a user listen for commands. A socket's path has room for 107 bytes and a NUL (`sun_path` of unix(7)),
 * and nobody but its user may reach it: the directory is his, and closed to others.
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const longestSocketPath = 107;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Every path at which the daemon of a mount may listen, the preferred one first. A command may run with another environment
 * than the daemon did (a login shell, cron), so it tries them all. `mountPoint` is absolute and without symbolic links.
 */
export function socketPathsOf(mountPoint: string, environment: Environment = process.env): string[] {
  const name = `${createHash('sha256').update(mountPoint).digest('hex').slice(0, 16)}.sock`;
  return [...new Set(runtimeDirectories(environment))]
    .map((directory) => join(directory, name))
    .filter((path) => Buffer.byteLength(path) <= longestSocketPath);
}

/** Makes a directory that only this user can enter, with its parents. Throws when it belongs to somebody else or is a link. */
export function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const status = lstatSync(directory);
  if (!status.isDirectory() || status.uid !== userId()) throw new Error(`${directory} is not a directory of this user`);
  if ((status.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

function runtimeDirectories(environment: Environment): string[] {
  const runtime = environment['XDG_RUNTIME_DIR'];
  const home = environment['HOME'] ?? homedir();
  return [
    ...(runtime?.startsWith('/') === true ? [join(runtime, 'cloudfusion')] : []),
    join(home, '.cache', 'cloudfusion', 'run'),
    join('/run/user', String(userId()), 'cloudfusion'),
    join('/tmp', `cloudfusion-${userId()}`),
  ];
}

function userId(): number {
  return process.getuid?.() ?? 0;
}
