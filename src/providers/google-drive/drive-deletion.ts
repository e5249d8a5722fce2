import { deleteTrees } from '../../store/delete-trees.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { holdsOnlyTold } from '../../store/known-entries.ts';
import type { CallOptions, DeleteOptions, KnownEntry, Store } from '../../store/store.ts';
import { type DriveFile, isFolder } from './drive-file.ts';
import { listTree } from './drive-listing.ts';
import { inFolders } from './drive-query.ts';
import type { DriveTree } from './drive-tree.ts';
import { assertRevision } from './drive-writing.ts';

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
    if (isFolder(found) && ifRevision !== undefined) throw new StoreError('Conflict', { path });
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
  options: CallOptions,
): Promise<string[]> {
  const { signal } = options;
  return await deleteTrees(
    store,
    entries,
    (known) => holdsOnlyTold(known, listTree(tree, known.path, { signal })),
    options,
  );
}
