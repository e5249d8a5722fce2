import { deleteEach } from '../../store/delete-each.ts';
import { StoreError } from '../../store/errors.ts';
import { isStoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { type KnownTree, knownTrees } from '../../store/known-entries.ts';
import type { CallOptions, DeleteOptions, Entry, KnownEntry, Store } from '../../store/store.ts';
import { type DriveFile, isFolder } from './drive-file.ts';
import { listTree } from './drive-listing.ts';
import { inFolders } from './drive-query.ts';
import type { DriveTree } from './drive-tree.ts';
import { assertRevision } from './drive-writing.ts';

const treesAtOnce = 4;

/** Puts what stands at a path into the trash, or deletes it for good. */
export async function deletePath(
  tree: DriveTree,
  path: string,
  { recursive = false, ifRevision, signal }: DeleteOptions,
  isPermanent: boolean,
): Promise<void> {
  if (path === '/') throw new StoreError('InvalidPath', { path, message: 'the root cannot be deleted' });
  await tree.turns.inTurn([path], signal, async () => {
    const found = await tree.find(path, { signal });
    if (found === undefined) return;
    if (!isFolder(found)) assertRevision(found, path, ifRevision);
    else if (!recursive && (await tree.calls.finds(inFolders([found.id]), { signal })))
      throw new StoreError('NotEmpty', { path });
    await remove(tree, found, { signal }, isPermanent);
    tree.ids.forgetTree(path);
  });
}

/** Takes a file or a folder away. What is gone already is a success. */
export async function remove(
  { calls }: DriveTree,
  { id }: DriveFile,
  options: CallOptions,
  isPermanent: boolean,
): Promise<void> {
  if (isPermanent) return await calls.delete(id, options);
  try {
    await calls.update(id, { trashed: true }, options);
  } catch (error) {
    if (!isStoreError(error, 'NotFound')) throw error;
  }
}

/** `Store.deleteAll`: a directory that holds just what was told goes by one request, all else one by one. */
export async function deleteKnown(
  tree: DriveTree,
  store: Store,
  entries: readonly KnownEntry[],
  { signal }: CallOptions,
): Promise<string[]> {
  const { trees, loose } = knownTrees(entries);
  const kept: string[] = [];
  await forEachConcurrently(trees, treesAtOnce, async (known) => {
    const isWhole = known.below.size > 0 && (await holdsOnlyTold(tree, known, signal));
    if (isWhole) return await store.delete(known.path, { recursive: true, signal });
    const all: KnownEntry[] = [...known.below.values(), { kind: 'directory', path: known.path }];
    kept.push(...(await deleteEach(store, all, { signal })));
  });
  kept.push(...(await deleteEach(store, loose, { signal })));
  return kept;
}

async function holdsOnlyTold(tree: DriveTree, known: KnownTree, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    for await (const entry of listTree(tree, known.path, { signal }))
      if (!isTold(entry, known.below.get(entry.path))) return false;
    return true;
  } catch (error) {
    if (isStoreError(error, 'NotFound') || isStoreError(error, 'NotADirectory')) return false;
    throw error;
  }
}

function isTold(entry: Entry, told: KnownEntry | undefined): boolean {
  if (entry.kind === 'directory') return told?.kind === 'directory';
  return told?.kind === 'file' && (told.revision === undefined || told.revision === entry.revision);
}
