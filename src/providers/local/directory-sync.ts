import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { tolerating } from './local-errors.ts';

interface Rounds {
  readonly running: Promise<void>;
  next?: Promise<void>;
}

/**
 * fsync(2) of directories, which makes the names in them survive a power cut. Callers who come while one runs share the next:
 * the running one may have begun before their change.
 */
export class DirectorySync {
  readonly #rounds = new Map<string, Rounds>();

  /** Settles when everything that was done in `directory` before the call is durable. One that is gone has nothing to keep. */
  sync(directory: string): Promise<void> {
    const rounds = this.#rounds.get(directory);
    if (rounds === undefined) return this.#start(directory);
    rounds.next ??= rounds.running.then(
      () => this.#start(directory),
      () => this.#start(directory),
    );
    return rounds.next;
  }

  #start(directory: string): Promise<void> {
    const running = syncNow(directory).finally(() => {
      if (this.#rounds.get(directory)?.running === running) this.#rounds.delete(directory);
    });
    this.#rounds.set(directory, { running });
    return running;
  }
}

async function syncNow(directory: string): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const handle = await tolerating(open(directory, flags), 'ENOENT', 'ENOTDIR');
  try {
    // EINVAL: a file system that does not know fsync of directories (fsync(2)), and has nothing better.
    if (handle !== undefined) await tolerating(handle.sync(), 'EINVAL');
  } finally {
    await handle?.close();
  }
}
