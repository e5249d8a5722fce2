import type { CallOptions } from '../../store/store.ts';
import type { Bucket, StoredFile } from './bucket.ts';
import type { BucketKeys } from './bucket-keys.ts';
import { type EmptyFiles, isFolderMarker } from './empty-files.ts';
import { firstKeys } from './key-pages.ts';

/** What stands at a path other than the root, as the service tells now: a directory where there is one, even beside a file. */
export type Standing =
  | { readonly kind: undefined }
  | { readonly kind: 'file'; readonly file: StoredFile }
  | StandingDirectory;

/** A directory as its keys tell it. */
export interface StandingDirectory {
  readonly kind: 'directory';
  /** Whether anything lies in it beside its empty marker. */
  readonly filled: boolean;
  /** Keys of other tools that mark it, as far as they were looked for. */
  readonly markers: readonly string[];
  /** Whether a file stands beside it, under its name. */
  readonly hidesFile: boolean;
}

/** Options of `Standings.at`. */
export interface StandingOptions extends CallOptions {
  /** Looks for all markers, also when the directory is found without. @default false */
  readonly everyMarker?: boolean | undefined;
}

/** Looks at single paths, at the cost of two requests at once, and one more where nothing is found. */
export class Standings {
  readonly #bucket: Bucket;
  readonly #keys: BucketKeys;
  readonly #empties: EmptyFiles;

  constructor(bucket: Bucket, keys: BucketKeys, empties: EmptyFiles) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#empties = empties;
  }

  /**
   * `head` of the key and a short page of what is below it, at once: a directory is told as fast as a file, and one that stands
   * beside a file is not overlooked. `a_$folder$` counts, and is looked for, where neither is found. Throws `InvalidPath` for a
   * long path.
   */
  async at(path: string, options: StandingOptions = {}): Promise<Standing> {
    const { signal, everyMarker = false } = options;
    const key = this.#keys.file(path);
    const prefix = this.#keys.prefix(path);
    const [stored, below, early] = await Promise.all([
      this.#bucket.head(key, { signal }),
      firstKeys(this.#bucket, { prefix, limit: 2, signal }),
      everyMarker ? this.#folderMarker(path, signal) : undefined,
    ]);
    const own = stored !== undefined && this.#empties.marksDirectory(stored) === true ? [stored.key] : [];
    const isFound = below.length > 0 || own.length > 0;
    const file = own.length === 0 && stored !== undefined && !isFolderMarker(stored) ? stored : undefined;
    if (!isFound && file !== undefined) return { kind: 'file', file };
    const folder = early ?? (isFound || everyMarker ? undefined : await this.#folderMarker(path, signal));
    const markers = folder === undefined ? own : [...own, folder];
    const filled = below.some((found) => found.key !== prefix || found.size > 0);
    if (isFound || markers.length > 0) return { kind: 'directory', filled, markers, hidesFile: file !== undefined };
    return { kind: undefined };
  }

  /** The file at a path, when it is known that no directory stands there; undefined where there is none. */
  async file(path: string, { signal }: CallOptions = {}): Promise<StoredFile | undefined> {
    const stored = await this.#bucket.head(this.#keys.file(path), { signal });
    return stored === undefined || isFolderMarker(stored) || this.#empties.marksDirectory(stored) === true
      ? undefined
      : stored;
  }

  async #folderMarker(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const key = this.#keys.folderMarker(path);
    const stored = key === undefined ? undefined : await this.#bucket.head(key, { signal });
    return stored !== undefined && isFolderMarker(stored) ? stored.key : undefined;
  }
}
