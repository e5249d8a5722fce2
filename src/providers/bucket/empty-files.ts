import { LRUCache } from 'lru-cache';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { isStoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import type { Bucket, StoredFile } from './bucket.ts';
import { markedFolder } from './bucket-keys.ts';

const looksAtOnce = 16;

/** Content type of the keys that mark directories, as s3fs and others write them. */
export const directoryType = 'application/x-directory';

/** Swift's tools write the other one. */
const directoryTypes: ReadonlySet<string> = new Set([directoryType, 'application/directory']);

/**
 * Which empty keys are files, and which mark directories. A key `a` of the content type `application/x-directory` is the
 * directory `/a`; the content type is told by `head`, not by the listings of S3, so an empty key that a listing shows is looked
 * at once. The answer is remembered for the version that was looked at, for ten minutes.
 */
export class EmptyFiles {
  readonly #bucket: Bucket;
  readonly #known = new LRUCache<string, boolean>({ max: 20_000, ttl: 600_000 });

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Whether the key marks a directory of its own name; undefined: only `look` can tell. */
  marksDirectory(file: StoredFile): boolean | undefined {
    if (file.size > 0) return false;
    if (file.contentType !== undefined) return directoryTypes.has(file.contentType);
    return this.#known.get(nameOfVersion(file));
  }

  /** Finds out what `marksDirectory` answers from now on for these keys. What may not be looked at is a file. */
  async look(files: readonly StoredFile[], options: CallOptions = {}): Promise<void> {
    const unknown = files.filter((file) => this.marksDirectory(file) === undefined);
    await forEachConcurrently(unknown, looksAtOnce, async (file) => {
      const looked = await this.#head(file.key, options);
      this.#known.set(nameOfVersion(file), looked !== undefined && this.marksDirectory(looked) === true);
    });
  }

  /** What this store has written itself is a file. */
  written(file: StoredFile): void {
    if (file.size === 0) this.#known.set(nameOfVersion(file), false);
  }

  async #head(key: string, options: CallOptions): Promise<StoredFile | undefined> {
    try {
      return await this.#bucket.head(key, options);
    } catch (error) {
      if (isStoreError(error, 'PermissionDenied')) return undefined;
      throw error;
    }
  }
}

/** Whether the key is there to mark the directory `a` as `a_$folder$`, and no file. */
export function isFolderMarker(file: Pick<StoredFile, 'key' | 'size'>): boolean {
  return file.size === 0 && markedFolder(file.key) !== undefined;
}

/** All empty contents may have one revision; the time tells them apart as well as it can. */
function nameOfVersion({ key, revision, modified }: StoredFile): string {
  return `${modified} ${revision} ${key}`;
}
