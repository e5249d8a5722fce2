import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { StoredFile } from './bucket.ts';
import type { BucketDeletionParts } from './bucket-deletion.ts';
import { maxKeyBytes, nameable } from './bucket-keys.ts';
import { deleteKeys } from './key-deletion.ts';
import { keyPages } from './key-pages.ts';

const copiesAtOnce = 16;
const triesOfMovingFiles = 3;

/** Which directory goes where. */
export interface DirectoryRoute {
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * One copy or move of a directory: every key below it, as the listing brings them. The deletion of a move begins when all is
 * copied, so a move that breaks off leaves the old directory whole. Of each copied key its revision is kept in memory until
 * then, some 200 bytes.
 */
export class DirectoryTransfer {
  readonly #parts: BucketDeletionParts;
  readonly #route: DirectoryRoute;
  readonly #copied = new Map<string, string>();

  constructor(parts: BucketDeletionParts, route: DirectoryRoute) {
    this.#parts = parts;
    this.#route = route;
  }

  /**
   * Copies everything, behind a marker of our own: those of other tools beside the directory do not go with it. What somebody
   * else has put at the new place meanwhile is a `Conflict` and stays.
   */
  async copy(): Promise<void> {
    const { placement } = this.#parts;
    await placement.mark(this.#route.to, this.#route);
    await forEachConcurrently(this.#files(), copiesAtOnce, (file) => this.#copyKey(file));
  }

  /**
   * Deletes what was copied, as far as a listing just before shows it unchanged, the directory's markers last. New keys stay
   * where they are, and the directory with them; a new version stays too, and is a `Conflict`.
   */
  async deleteCopied(): Promise<void> {
    const { bucket, keys, standings } = this.#parts;
    const { from, signal } = this.#route;
    const left = { changed: 0, added: 0 };
    await deleteKeys(bucket, this.#unchangedKeys(left), { signal });
    if (left.changed > 0)
      throw new StoreError('Conflict', { path: from, message: `${left.changed} files were changed meanwhile` });
    if (left.added > 0) return;
    const standing = await standings.at(from, { everyMarker: true, signal });
    const markers = standing.kind === 'directory' ? standing.markers : [];
    await deleteKeys(bucket, [...markers, keys.prefix(from)], { signal });
  }

  async *#unchangedKeys(left: { changed: number; added: number }): AsyncGenerator<string> {
    const marker = this.#parts.keys.prefix(this.#route.from);
    for await (const { key, revision } of this.#files()) {
      const copied = this.#copied.get(key);
      if (copied === revision && key === marker) continue;
      if (copied === revision) yield key;
      else if (copied === undefined) left.added++;
      else left.changed++;
    }
  }

  /** All keys but the empty marker of the directory itself. */
  async *#files(): AsyncGenerator<StoredFile> {
    const { bucket, keys } = this.#parts;
    const prefix = keys.prefix(this.#route.from);
    for await (const page of keyPages(bucket, { prefix, signal: this.#route.signal }))
      for (const file of page.files) {
        nameable(file.key);
        if (file.key !== prefix || file.size > 0) yield file;
      }
  }

  /** The version that is there when the copy is made; what is deleted before that is not copied. */
  async #copyKey(listed: StoredFile): Promise<void> {
    const { bucket } = this.#parts;
    const { signal } = this.#route;
    const to = this.#targetOf(listed.key);
    let file: StoredFile | undefined = listed;
    for (let tries = 1; file !== undefined; tries++) {
      try {
        await this.#copyVersion(file, to);
        this.#copied.set(file.key, file.revision);
        return;
      } catch (error) {
        if (!isStoreError(error, 'NotFound') || tries === triesOfMovingFiles) throw error;
      }
      file = await bucket.head(listed.key, { signal });
    }
  }

  /**
   * A repetition after a lost answer is in conflict with itself. A marker with content replaces the one that was just written.
   */
  async #copyVersion(file: StoredFile, to: string): Promise<void> {
    const { bucket, keys } = this.#parts;
    const { signal } = this.#route;
    const ifRevision = file.key === keys.prefix(this.#route.from) ? undefined : null;
    try {
      await bucket.copy(file, to, { ifRevision, signal });
    } catch (error) {
      if (!isStoreError(error, 'Conflict')) throw error;
      const found = await bucket.head(to, { signal });
      if (found === undefined || !isCopyOf(found, file)) throw error;
    }
  }

  #targetOf(key: string): string {
    const { keys } = this.#parts;
    const target = keys.prefix(this.#route.to) + key.slice(keys.prefix(this.#route.from).length);
    const bytes = Buffer.byteLength(target);
    if (bytes <= maxKeyBytes) return target;
    const message = `the key ${key} would have ${bytes} bytes there, and the service takes ${maxKeyBytes} at the most`;
    throw new StoreError('InvalidPath', { path: this.#route.to, message });
  }
}

function isCopyOf(found: StoredFile, original: StoredFile): boolean {
  const isSame = found.revision === original.revision || found.modified === original.modified;
  return isSame && found.size === original.size;
}
