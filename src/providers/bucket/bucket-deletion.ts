import { StoreError } from '../../store/errors.ts';
import type { CallOptions, DeleteOptions } from '../../store/store.ts';
import type { Bucket } from './bucket.ts';
import { type BucketKeys, nameable } from './bucket-keys.ts';
import type { EmptyFiles } from './empty-files.ts';
import { deleteKeys } from './key-deletion.ts';
import { keyPages } from './key-pages.ts';
import type { ChangeOutcome, KnownDirectories } from './known-directories.ts';
import type { Placement } from './placement.ts';
import type { StandingDirectory, Standings } from './standing.ts';

const whatCounts = 'it has entries, or keys that are no paths; a recursive delete takes them all';

/** What a deletion asks and changes. */
export interface BucketDeletionParts {
  readonly bucket: Bucket;
  readonly keys: BucketKeys;
  readonly empties: EmptyFiles;
  readonly known: KnownDirectories;
  readonly standings: Standings;
  readonly placement: Placement;
}

/**
 * Deletes files and directories. A directory is all keys that begin with its prefix, those that are no paths too, and its markers:
 * its own one goes last, so a deletion that breaks off leaves a directory. A file that a directory hides is not deleted
 * with it, nor the other way round.
 */
export class BucketDeletion {
  readonly #parts: BucketDeletionParts;

  constructor(parts: BucketDeletionParts) {
    this.#parts = parts;
  }

  /** As `Store.delete`. The parent stays, see `Placement.keepParent`. */
  async delete(path: string, options: DeleteOptions): Promise<void> {
    if (path === '/') throw new StoreError('InvalidPath', { path, message: 'the root cannot be deleted' });
    this.#parts.keys.file(path);
    if (options.ifRevision !== undefined) return this.#deleteFile(path, options);
    const { kind } = await this.#parts.known.about(path, options);
    if (kind === 'file') return this.#deleteFile(path, options);
    const { known } = this.#parts;
    await known.during<ChangeOutcome>(
      path,
      (left) => left,
      () => this.#deleteStanding(path, options),
    );
  }

  /** A directory has no revision, but one may be given for the file that it hides. */
  async #deleteFile(path: string, { ifRevision, signal }: DeleteOptions): Promise<void> {
    const { bucket, keys, known, standings, placement } = this.#parts;
    const key = keys.file(path);
    const isHidden = (await known.about(path, { signal })).kind === 'directory';
    if (isHidden && (await standings.file(path, { signal })) === undefined) throw new StoreError('Conflict', { path });
    await placement.keepParent(path, { signal });
    await known.during(path, isHidden ? 'unknown' : 'nothing', () => bucket.delete(key, { ifRevision, signal }));
  }

  /** Looks and deletes as one change, so that a file which is put beside the directory meanwhile does not stay unknown. */
  async #deleteStanding(path: string, options: DeleteOptions): Promise<ChangeOutcome> {
    const standing = await this.#parts.standings.at(path, { signal: options.signal, everyMarker: true });
    if (standing.kind === 'file') await this.#deleteFile(path, options);
    if (standing.kind !== 'directory') return 'nothing';
    await this.#deleteDirectory(path, standing, options);
    return standing.hidesFile ? 'unknown' : 'nothing';
  }

  async #deleteDirectory(
    path: string,
    standing: StandingDirectory,
    { recursive, signal }: DeleteOptions,
  ): Promise<void> {
    const { bucket, keys, placement } = this.#parts;
    const prefix = keys.prefix(path);
    if (standing.filled && recursive !== true) throw new StoreError('NotEmpty', { path, message: whatCounts });
    await placement.keepParent(path, { signal });
    if (standing.filled) await deleteKeys(bucket, this.#keysIn(prefix, { signal }), { signal });
    await deleteKeys(bucket, [...standing.markers, prefix], { signal });
  }

  async *#keysIn(prefix: string, { signal }: CallOptions): AsyncGenerator<string> {
    for await (const page of keyPages(this.#parts.bucket, { prefix, signal }))
      for (const { key } of page.files) if (key !== prefix) yield nameable(key);
  }
}
