import { closeSync, constants, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The names in a directory survive a power cut when this returns (fsync(2) of the directory). Throws the error of the file system. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a small file for its owner alone; it survives a power cut when this returns. Throws the error of the file system. */
export function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncDirectory(dirname(path));
}

/** Removes a file that may be missing; a power cut does not bring it back when this has returned. */
export function removeDurably(path: string): void {
  rmSync(path, { force: true });
  // With the directory all of it is gone.
  if (existsSync(dirname(path))) syncDirectory(dirname(path));
}

/** Makes the names of all directories from `made`, the first that was made, down to `last` survive a power cut. */
export function syncMadeDirectories(made: string, last: string): void {
  for (let path = last; ; path = dirname(path)) {
    syncDirectory(dirname(path));
    if (path === made || path === dirname(path)) return;
  }
}
