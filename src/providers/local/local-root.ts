import { accessSync, type BigIntStats, constants, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StoreError, type StoreErrorCode } from '../../store/errors.ts';
import { parentOf, segmentsOf } from '../../store/path.ts';
import { isShown } from './local-entry.ts';
import { errnoOf, LocalRefusal, tolerating } from './local-errors.ts';

/** What stands at a path. Where nothing does, whether a file stands in place of one of its parents. */
export interface LocalPlace {
  readonly stats: BigIntStats | undefined;
  readonly parent: 'directory' | 'missing' | 'file';
}

/**
 * The directory that a store shows, by its real path, and the way from paths to what is on disk.
 *
 * No symbolic link is ever followed: each directory on the way is checked just before every call. (A process that swaps a
 * directory for a link in between can still win: this keeps mistakes apart, not enemies with access to the root.)
 */
export class LocalRoot {
  /** The real path, without a slash at its end; empty for the root of the file system. */
  readonly directory: string;
  readonly #identity: string;

  /** Opens the directory, and makes it when only itself is missing. Throws a `StoreError` that says what is wrong with it. */
  constructor(root: string) {
    this.directory = openDirectory(root).replace(/\/$/, '');
    this.#identity = identityOf(lstatSync(this.absolute('/'), { bigint: true }));
  }

  /** Where `path` is on disk. */
  absolute(path: string): string {
    return this.directory + path.slice(this.directory !== '' && path === '/' ? 1 : 0);
  }

  /**
   * Looks up a path. Throws `PermissionDenied` when it, or a directory on the way, is a link or special file, and `Unavailable`
   * when the root itself is no longer the directory that was opened: a disk that went away has not deleted its files.
   */
  async find(path: string): Promise<LocalPlace> {
    const [parent] = await Promise.all([this.#findParent(path), this.#assertPresent()]);
    if (parent !== 'directory') return { parent, stats: undefined };
    const stats = await tolerating(lstat(this.absolute(path), { bigint: true }), 'ENOENT', 'ENOTDIR');
    if (stats === undefined) return { parent: await this.#walk(parentOf(path)), stats };
    if (!isShown(stats)) throw notShown(path);
    return { parent, stats };
  }

  async #findParent(path: string): Promise<LocalPlace['parent']> {
    const parent = this.absolute(parentOf(path));
    const real = await tolerating(realpath(parent), 'ENOENT', 'ENOTDIR', 'ELOOP');
    return real === parent ? 'directory' : this.#walk(parentOf(path));
  }

  /** The exact answer for a parent whose real path is not what it should be. */
  async #walk(parent: string): Promise<LocalPlace['parent']> {
    let path = '';
    for (const name of segmentsOf(parent)) {
      path += `/${name}`;
      const stats = await tolerating(lstat(this.absolute(path), { bigint: true }), 'ENOENT');
      if (stats === undefined) return 'missing';
      if (stats.isFile()) return 'file';
      if (!stats.isDirectory()) throw notShown(path);
    }
    return 'directory';
  }

  async #assertPresent(): Promise<void> {
    const stats = await tolerating(lstat(this.absolute('/'), { bigint: true }), 'ENOENT', 'ENOTDIR');
    if (stats !== undefined && identityOf(stats) === this.#identity) return;
    throw new LocalRefusal('Unavailable', `the root ${this.absolute('/')} was removed, replaced or unmounted`);
  }
}

function openDirectory(root: string): string {
  if (typeof root !== 'string' || root === '') throw new TypeError('root is the path of a directory');
  const path = resolve(root);
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path);
    if (!statSync(path).isDirectory()) throw refusal('NotADirectory', path, 'the root is not a directory');
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync.native(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw refusal('NotFound', path, 'the root does not exist, nor does the directory it would be made in', error);
    }
    throw refusal('PermissionDenied', path, `the root cannot be read and written (${code})`, error);
  }
}

function refusal(code: StoreErrorCode, path: string, message: string, cause?: unknown): StoreError {
  return new StoreError(code, { operation: 'open', path, store: 'local', message, cause });
}

function notShown(path: string): LocalRefusal {
  return new LocalRefusal(
    'PermissionDenied',
    `${path} is a symbolic link or a special file, and neither is followed or opened`,
  );
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}-${ino}`;
}
