import type { CallOptions } from '../../store/store.ts';
import type { KnownTree } from '../../store/known-entries.ts';
import type { Bucket, StoredFile } from './bucket.ts';
import { type BucketKeys, isCanonicalKey, markedFolder } from './bucket-keys.ts';
import { type EmptyFiles, isFolderMarker } from './empty-files.ts';
import { deleteVersions } from './key-deletion.ts';
import { keyPages } from './key-pages.ts';

/** What a tree's deletion asks. */
export interface TreeDeletionParts {
  readonly bucket: Bucket;
  readonly keys: BucketKeys;
  readonly empties: EmptyFiles;
}

/**
 * One directory with what was told to be in it. Its files go as the pages come that show them; whatever else the pages show stays,
 * and holds the directories that it lies in.
 */
export class TreeDeletion {
  readonly #parts: TreeDeletionParts;
  readonly #tree: KnownTree;
  readonly #held: Set<string>;
  /** Keys that mark directories, by the directory. */
  readonly #markers: { readonly directory: string; readonly key: string }[] = [];

  /** Adds to `held` the paths of what stays. */
  constructor(parts: TreeDeletionParts, tree: KnownTree, held: Set<string>) {
    this.#parts = parts;
    this.#tree = tree;
    this.#held = held;
  }

  async deleteFiles({ signal }: CallOptions): Promise<void> {
    const { bucket, keys } = this.#parts;
    const onKept = (key: string): void => this.#hold(key.slice(keys.root.length));
    await deleteVersions(bucket, this.#doomed({ signal }), { signal, onKept });
  }

  /** The markers of the directories that nothing holds; `own` are those of the tree itself that lie outside of it. */
  markers(own: readonly string[]): string[] {
    const free = this.#markers.filter(({ directory }) => !this.#held.has(directory)).map(({ key }) => key);
    if (this.#held.has(this.#tree.path)) return free;
    return [...free, ...own, this.#parts.keys.prefix(this.#tree.path)];
  }

  async *#doomed({ signal }: CallOptions): AsyncGenerator<StoredFile> {
    const { bucket, keys, empties } = this.#parts;
    const prefix = keys.prefix(this.#tree.path);
    for await (const { files } of keyPages(bucket, { prefix, signal })) {
      const doubtful = files.filter((file) => file.size === 0 && this.#isDirectory(this.#pathOf(file.key)));
      await empties.look(doubtful, { signal });
      for (const file of files) {
        if (file.key === prefix && file.size === 0) continue;
        if (this.#isExpected(file)) yield file;
        else if (!this.#isMarker(file)) this.#hold(file.key.slice(keys.root.length));
      }
    }
  }

  #pathOf(key: string): string {
    return `/${key.slice(this.#parts.keys.root.length)}`;
  }

  #isExpected({ key, revision }: StoredFile): boolean {
    const told = this.#tree.below.get(this.#pathOf(key));
    return told?.kind === 'file' && told.revision === revision;
  }

  /** Notes a key that marks a directory that was told, in whichever tool's way. */
  #isMarker(file: StoredFile): boolean {
    if (file.size > 0) return false;
    const path = this.#pathOf(file.key);
    const folder = isFolderMarker(file) ? markedFolder(path.slice(1)) : undefined;
    const directory = path.endsWith('/') ? path.slice(0, -1) : folder === undefined ? path : `/${folder}`;
    if (!this.#isDirectory(directory)) return false;
    if (directory === path && this.#parts.empties.marksDirectory(file) !== true) return false;
    this.#markers.push({ directory, key: file.key });
    return true;
  }

  #isDirectory(path: string): boolean {
    return this.#tree.below.get(path)?.kind === 'directory';
  }

  /** What stays holds what is above it. Keys that are no paths hold as much of their way as is one. */
  #hold(key: string): void {
    const segments = key.split('/');
    for (let length = segments.length; length > 0; length--) {
      const way = segments.slice(0, length).join('/');
      if (isCanonicalKey(way)) this.#held.add(`/${way}`);
    }
  }
}
