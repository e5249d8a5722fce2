import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFull } from './disk-full.ts';

/** Enough for some hundred removals. */
const reservedBytes = 1 << 20;
/** How long after it was used the reserve is made again, in milliseconds, if there is room. */
const pause = 30_000;

/**
 * A file beside the cache that is there for its room alone: on a full disk it goes, so that what the user removes can be committed. A
 * removal that fails because there is no room would leave no way out.
 */
export class DiskReserve {
  readonly #path: string;
  #timer: NodeJS.Timeout | undefined;

  /** Makes the reserve, if there is room. */
  constructor(directory: string) {
    this.#path = join(directory, 'reserve');
    this.#fill();
  }

  /** Gives the room free; answers whether there was any. */
  release(): boolean {
    if (!this.#isThere()) return false;
    rmSync(this.#path);
    this.#fillLater();
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #fill(): void {
    if (this.#isThere()) return;
    try {
      writeFileSync(this.#path, Buffer.alloc(reservedBytes, 1), { mode: 0o600 });
    } catch (error) {
      if (diskFull(error) === undefined) throw error;
      rmSync(this.#path, { force: true });
      this.#fillLater();
    }
  }

  #fillLater(): void {
    this.#timer = setTimeout(() => this.#fill(), pause).unref();
  }

  #isThere(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.size === reservedBytes;
  }
}
