import { StoreError, type StoreErrorCode } from '../../store/errors.ts';
import { parentOf } from '../../store/path.ts';
import { bytesSource } from '../../store/source.ts';
import type { CallOptions } from '../../store/store.ts';
import { isStoreError } from '../../store/errors.ts';
import type { Bucket } from './bucket.ts';
import { type BucketKeys, markedFolder } from './bucket-keys.ts';
import { directoryType } from './empty-files.ts';
import type { KnownDirectories } from './known-directories.ts';
import { SharedWork } from '../../http/shared-work.ts';

/** What a bucket does not do of itself: paths have one kind, parents are directories, and directories stay. */
export class Placement {
  readonly #bucket: Bucket;
  readonly #keys: BucketKeys;
  readonly #known: KnownDirectories;
  readonly #markers = new SharedWork<void>();

  constructor(bucket: Bucket, keys: BucketKeys, known: KnownDirectories) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#known = known;
  }

  /**
   * Throws unless a file of `size` may be put at `path`: `IsADirectory`, `NotADirectory` for a parent that is a file, and
   * `Unsupported` for an empty file that other tools would take for the marker of a directory.
   */
  async assertFileFits(path: string, size: number, options: CallOptions): Promise<void> {
    if (path === '/') throw refusal('IsADirectory', path);
    await this.#assertNoFolderMarker(path, size, options);
    const { kind, parentExists } = await this.#known.about(path, options);
    if (kind === 'directory') throw refusal('IsADirectory', path);
    if (kind === undefined && !parentExists) await this.#assertCanBeDirectory(parentOf(path), path, options);
  }

  /** Throws unless there may be a directory at `path`: `AlreadyExists` for a file, `NotADirectory` for a parent that is one. */
  async assertDirectoryFits(path: string, options: CallOptions): Promise<void> {
    const { kind, parentExists } = await this.#known.about(path, options);
    if (kind === 'file') throw refusal('AlreadyExists', path);
    if (kind === undefined && !parentExists) await this.#assertCanBeDirectory(parentOf(path), path, options);
  }

  /** Writes the marker of a directory, where it has none. Never replaces what stands under that key. */
  mark(directory: string, { signal }: CallOptions): Promise<void> {
    return this.#markers.do(directory, () => this.#writeMarker(directory), signal);
  }

  /**
   * Before something is taken out of a directory: one that exists by its keys alone is marked, so that it stays when the last
   * of them is gone. It costs one request for each such directory, and none for those that this store has made.
   */
  async keepParent(path: string, options: CallOptions): Promise<void> {
    const directory = parentOf(path);
    if (directory === '/') return;
    const { parentExists, parentMarked } = await this.#known.about(path, options);
    if (parentExists && parentMarked !== true) await this.mark(directory, options);
  }

  async #assertCanBeDirectory(directory: string, path: string, options: CallOptions): Promise<void> {
    if (directory === '/') return;
    const { kind, parentExists } = await this.#known.about(directory, options);
    if (kind === 'file') throw refusal('NotADirectory', path, `${directory} is a file`);
    if (kind === undefined && !parentExists) await this.#assertCanBeDirectory(parentOf(directory), path, options);
  }

  async #writeMarker(directory: string): Promise<void> {
    const key = this.#keys.marker(directory);
    await this.#known.during(directory, 'marker', async () => {
      try {
        await this.#bucket.put(key, bytesSource(''), { ifRevision: null, contentType: directoryType });
      } catch (error) {
        if (!isStoreError(error, 'Conflict')) throw error;
      }
    });
  }

  async #assertNoFolderMarker(path: string, size: number, { signal }: CallOptions): Promise<void> {
    const folder = markedFolder(path.slice(1));
    if (folder === undefined) return;
    if (size === 0) throw refusal('Unsupported', path, `an empty file of this name marks the directory /${folder}`);
    const stored = await this.#bucket.head(this.#keys.file(path), { signal });
    if (stored?.size === 0) throw refusal('Unsupported', path, `it marks the directory /${folder} for other tools`);
  }
}

function refusal(code: StoreErrorCode, path: string, message?: string): StoreError {
  return new StoreError(code, { path, message });
}
