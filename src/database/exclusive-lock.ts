import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeClosedFile } from './closed-file.ts';

/**
 * A directory held by one process. The lock is the operating system's, taken through SQLite on a file of its own, so the
 * death of the holder, however it comes, frees it; nothing is ever stale.
 */
export class ExclusiveLock {
  readonly #connection: DatabaseSync;

  /** Takes the lock of `directory`. Throws `DirectoryInUseError` with the holder's pid. */
  constructor(directory: string) {
    const pidFile = join(directory, 'pid');
    makeClosedFile(join(directory, 'lock'));
    this.#connection = new DatabaseSync(join(directory, 'lock'));
    try {
      this.#connection.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      this.#connection.close();
      if (isBusy(error)) throw new DirectoryInUseError(directory, readPid(pidFile));
      throw error;
    }
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  }

  release(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }
}

/** Another process works in this cache directory. */
export class DirectoryInUseError extends Error {
  /** The holder, where it could be read. */
  readonly pid: number | undefined;

  constructor(directory: string, pid: number | undefined) {
    super(
      `the cache directory ${directory} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}; stop it, or choose another cache_id`,
    );
    this.name = 'DirectoryInUseError';
    this.pid = pid;
  }
}

const sqliteBusy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}
