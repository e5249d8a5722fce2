import { constants, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, LocalRefusal, tolerating } from './local-errors.ts';
import { forgetUploadName, isLeftover, newUploadName, uploadDirectoryName } from './upload-name.ts';

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const triesToCreate = 20;

/** A file that is not yet visible. Whoever began it ends it. */
export interface Upload {
  readonly name: string;
  readonly path: string;
  readonly file: FileHandle;
}

/**
 * Temporary files in a directory of the root, so that a rename makes them visible whole. The directory exists only while there
 * are some: the root stays the user's tree.
 */
export class Uploads {
  readonly #directory: string;
  #active = 0;

  /** Removes what crashes have left behind. */
  constructor(root: string) {
    this.#directory = join(root === '' ? '/' : root, uploadDirectoryName);
    removeLeftovers(this.#directory);
    ignoring(() => rmdirSync(this.#directory), 'ENOENT', 'ENOTDIR', 'ENOTEMPTY');
  }

  async begin(): Promise<Upload> {
    this.#active++;
    const name = newUploadName();
    const path = join(this.#directory, name);
    try {
      return { name, path, file: await this.#create(path) };
    } catch (error) {
      await this.#ended(name);
      throw error;
    }
  }

  /** Closes the file, and removes it unless it was renamed. */
  async end({ name, path, file }: Upload, renamed: boolean): Promise<void> {
    try {
      await file.close();
      if (!renamed) await tolerating(unlink(path), 'ENOENT');
    } finally {
      await this.#ended(name);
    }
  }

  async #ended(name: string): Promise<void> {
    forgetUploadName(name);
    if (--this.#active === 0) await tolerating(rmdir(this.#directory), 'ENOENT', 'ENOTEMPTY', 'ENOTDIR');
  }

  /** The directory may be removed by another store of the same root whenever it is empty; then it is made again. */
  async #create(path: string): Promise<FileHandle> {
    for (let tries = 1; ; tries++) {
      await this.#makeDirectory();
      const file = await tolerating(open(path, createFlags, 0o666), ...(tries < triesToCreate ? ['ENOENT'] : []));
      if (file !== undefined) return file;
    }
  }

  async #makeDirectory(): Promise<void> {
    const isNew =
      (await tolerating(
        mkdir(this.#directory, 0o700).then(() => true),
        'EEXIST',
      )) ?? false;
    if (isNew) return;
    const stats = await tolerating(lstat(this.#directory), 'ENOENT');
    if (stats === undefined || stats.isDirectory()) return;
    throw new LocalRefusal('PermissionDenied', `${this.#directory} is in the way: it is not a directory`);
  }
}

/** Removes unfinished uploads of dead processes from a directory, and nothing else. */
export function removeLeftovers(directory: string): void {
  const isDirectory = lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false;
  for (const name of isDirectory ? readdirSync(directory) : []) {
    const path = join(directory, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() && isLeftover(name, stats.mtimeMs)) ignoring(() => unlinkSync(path), 'ENOENT');
  }
}

function ignoring(call: () => void, ...ignored: readonly string[]): void {
  try {
    call();
  } catch (error) {
    if (!ignored.includes(errnoOf(error) ?? '')) throw error;
  }
}
