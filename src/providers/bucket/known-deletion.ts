import { assertDeletable, type KnownTree, knownTrees } from '../../store/known-entries.ts';
import { deleteEach } from '../../store/delete-each.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { parentOf } from '../../store/path.ts';
import type { CallOptions, KnownEntry, Store } from '../../store/store.ts';
import type { BucketDeletionParts } from './bucket-deletion.ts';
import { deleteKeys, deleteVersions } from './key-deletion.ts';
import { findVersions } from './key-versions.ts';
import { TreeDeletion } from './tree-deletion.ts';

const treesAtOnce = 8;

/**
 * `Store.deleteAll` over flat keys: pages tell the revisions, and what is as it was told goes in batches. Directories that lie in no
 * other one that is to be deleted are listed whole; loose files are looked up in the pages of their directory.
 *
 * Where the service does not look at revisions in the moment of a batch, a window stays open between page and batch.
 */
export class KnownDeletion {
  readonly #store: Store;
  readonly #parts: BucketDeletionParts;

  /** `store` deletes what has to be looked at alone. */
  constructor(store: Store, parts: BucketDeletionParts) {
    this.#store = store;
    this.#parts = parts;
  }

  async deleteAll(entries: readonly KnownEntry[], { signal }: CallOptions): Promise<string[]> {
    assertDeletable(entries, this.#store);
    for (const { path } of entries) this.#parts.keys.file(path);
    const unversioned = entries.filter((entry) => entry.kind === 'file' && entry.revision === undefined);
    const kept = unversioned.length === 0 ? [] : await deleteEach(this.#store, unversioned, { signal });
    const rest = unversioned.length === 0 ? entries : entries.filter((entry) => !unversioned.includes(entry));
    if (rest.length > 0) kept.push(...(await this.#deleteVersioned(rest, { signal })));
    return kept;
  }

  async #deleteVersioned(entries: readonly KnownEntry[], { signal }: CallOptions): Promise<readonly string[]> {
    const { trees, loose } = knownTrees(entries);
    await this.#keepParents(entries, { signal });
    const paths = [...trees, ...loose].map(({ path }) => path);
    const held = new Set<string>();
    await this.#parts.known.duringAll(
      paths,
      (path) => (held.has(path) ? 'unknown' : 'nothing'),
      async () => {
        await forEachConcurrently(trees, treesAtOnce, (tree) => this.#deleteTree(tree, held, { signal }));
        await this.#deleteLoose(loose, held, { signal });
      },
    );
    return entries.map(({ path }) => path).filter((path) => held.has(path));
  }

  /** The directories that lose something and are not to be deleted. */
  async #keepParents(entries: readonly KnownEntry[], { signal }: CallOptions): Promise<void> {
    const told = new Set(entries.map(({ path }) => path));
    const one = new Map(entries.map(({ path }) => [parentOf(path), path]));
    const staying = [...one].filter(([parent]) => !told.has(parent)).map(([, path]) => path);
    await forEachConcurrently(staying, treesAtOnce, (path) => this.#parts.placement.keepParent(path, { signal }));
  }

  async #deleteTree(tree: KnownTree, held: Set<string>, { signal }: CallOptions): Promise<void> {
    const { bucket, standings } = this.#parts;
    const standing = await standings.at(tree.path, { everyMarker: true, signal });
    if (standing.kind === undefined) return;
    if (standing.kind === 'file') return void held.add(tree.path);
    const deletion = new TreeDeletion(this.#parts, tree, held);
    await deletion.deleteFiles({ signal });
    await deleteKeys(bucket, deletion.markers(standing.markers), { signal });
  }

  /** A file that is not there may have made room for a directory. */
  async #deleteLoose(files: readonly KnownEntry[], held: Set<string>, { signal }: CallOptions): Promise<void> {
    const { bucket, keys, standings } = this.#parts;
    const byKey = new Map(files.map((file) => [keys.file(file.path), file]));
    const found = await findVersions(bucket, [...byKey.keys()], { signal });
    const missing: string[] = [];
    const doomed = [...byKey].flatMap(([key, file]) => {
      const version = found.get(key);
      if (version === undefined) missing.push(file.path);
      else if (file.kind === 'file' && version.revision === file.revision) return [version];
      else held.add(file.path);
      return [];
    });
    await deleteVersions(bucket, doomed, { signal, onKept: (key) => held.add(byKey.get(key)?.path ?? '') });
    await forEachConcurrently(missing, treesAtOnce, async (path) => {
      if ((await standings.at(path, { signal })).kind === 'directory') held.add(path);
    });
  }
}
