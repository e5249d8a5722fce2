import { syncMadeDirectories } from './durable-names.ts';
import { chmodSync, closeSync, constants, lstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

const mayOthers = 0o077;
const onlyOwner = 0o600;

/**
 * Sees to it that a directory exists and that nobody but its owner can look into it, whatever the umask, and whoever made it. It survives a power cut. Throws the
 * error of the file system where that cannot be had.
 */
export function makeClosedDirectory(directory: string): void {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (made !== undefined) syncMadeDirectories(made, resolve(directory));
  if ((statSync(directory).mode & mayOthers) !== 0) chmodSync(directory, 0o700);
}

/**
 * Sees to it that a file exists, empty if it is new, and that nobody but its owner can read or write it. One that exists is never
 * opened: closing it again would take away the locks that this process has on it (fcntl(2)).
 */
export function makeClosedFile(path: string): void {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, onlyOwner));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    closeToOthers(path);
  }
}

/** Takes a file that exists away from everybody but its owner. */
export function closeToOthers(path: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isFile() === true && (status.mode & mayOthers) !== 0) chmodSync(path, onlyOwner);
}
