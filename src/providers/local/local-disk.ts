import { mkdir } from 'node:fs/promises';
import { parentOf, segmentsOf } from '../../store/path.ts';
import { DirectorySync } from './directory-sync.ts';
import { errnoOf, LocalRefusal } from './local-errors.ts';
import { LocalRoot } from './local-root.ts';
import { Uploads } from './uploads.ts';

const triesToMake = 10;

/** What all changes of a root share. */
export class LocalDisk {
  readonly root: LocalRoot;
  readonly uploads: Uploads;
  readonly #directorySync: DirectorySync = new DirectorySync();

  /** Opens the root as `LocalRoot` does, and removes what crashes have left in it. */
  constructor(root: string) {
    this.root = new LocalRoot(root);
    this.uploads = new Uploads(this.root.directory);
  }

  /** Makes the names of a directory durable. */
  sync(directory: string): Promise<void> {
    return this.#directorySync.sync(this.root.absolute(directory));
  }

  /** Makes a directory with its parents, durably. Throws `NotADirectory` where a file is in the way. */
  async makeDirectory(path: string): Promise<void> {
    const made = new Set<string>();
    for (let tries = 1; !(await this.#isMade(path, made)); tries++) {
      if (tries === triesToMake)
        throw new LocalRefusal('Unavailable', 'a parent was deleted meanwhile, again and again');
    }
    await Promise.all([...made].map((directory) => this.sync(parentOf(directory))));
  }

  /** False when something changed meanwhile: what was missing is there, or what was there is missing. */
  async #isMade(path: string, made: Set<string>): Promise<boolean> {
    let directory = '';
    for (const name of segmentsOf(path)) {
      directory += `/${name}`;
      const { stats, parent } = await this.root.find(directory);
      if (stats?.isFile() === true || parent === 'file')
        throw new LocalRefusal('NotADirectory', `${directory} is a file`);
      if (parent === 'missing') return false;
      if (stats !== undefined) continue;
      made.add(directory);
      const errno = await failureOf(mkdir(this.root.absolute(directory)));
      if (errno !== undefined) return false;
    }
    return true;
  }
}

/** EEXIST or ENOENT; undefined for a success. Other failures are thrown. */
async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST' || errno === 'ENOENT') return errno;
    throw error;
  }
}
