import { deleteTrees } from '../../store/delete-trees.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { isTold, type KnownTree } from '../../store/known-entries.ts';
import { childOf } from '../../store/path.ts';
import type { CallOptions, DeleteOptions, KnownEntry, Store } from '../../store/store.ts';
import { folded, isShown } from './sugar-names.ts';
import { entryOf, revisionOf, isTop, isUnfinished, type SugarFolder, type SugarResource } from './sugar-resource.ts';
import type { SugarTree } from './sugar-tree.ts';

const deletionsAtOnce = 4;
const roundsAtMost = 10;

/** `Store.delete`. What a folder holds goes with it, or before it. */
export async function deletePath(
  tree: SugarTree,
  path: string,
  { recursive = false, ifRevision, signal }: DeleteOptions,
  isPermanent: boolean,
): Promise<void> {
  if (path === '/') throw new StoreError('InvalidPath', { path, message: 'the root cannot be deleted' });
  await tree.inTurn([path], { signal }, async () => {
    const found = await tree.find(path, { signal });
    if (found === undefined) return;
    const isMeant = ifRevision === undefined || (found.kind === 'file' && revisionOf(found) === ifRevision);
    if (!isMeant) throw new StoreError('Conflict', { path });
    if (found.kind !== 'file') await assertDeletable(tree, path, found, recursive, { signal });
    await takeAway(tree, found, { signal }, isPermanent);
    tree.known.remove(found.parent ?? '', found.ref);
  });
}

async function assertDeletable(
  tree: SugarTree,
  path: string,
  folder: SugarFolder,
  recursive: boolean,
  options: CallOptions,
): Promise<void> {
  if (isTop({ ref: folder.parent ?? '' })) {
    const message = 'a sync folder is on all computers of the account; it is deleted by way of SugarSync itself';
    throw new StoreError('Unsupported', { path, message });
  }
  if (!recursive && standingOf(await tree.children(folder, options)).length > 0)
    throw new StoreError('NotEmpty', { path });
}

/** Moves a file or folder among the deleted files, or deletes it for good. What is gone already is a success. */
export async function takeAway(
  tree: SugarTree,
  resource: SugarResource,
  options: CallOptions,
  isPermanent: boolean,
): Promise<void> {
  if (isPermanent) return await deleteTree(tree, resource, options);
  try {
    await tree.calls.place(resource, { parent: await deletedFolder(tree, options) }, options);
  } catch (error) {
    if (!isStoreError(error, 'NotFound')) throw error;
  }
}

/** The ref of the folder of deleted files. */
export async function deletedFolder({ calls }: SugarTree, options: CallOptions): Promise<string> {
  const { deleted } = await calls.account(options);
  if (deleted !== undefined) return deleted;
  const message = 'the account has no folder of deleted files; set `use_trash = no` to delete for good';
  throw new StoreError('Unsupported', { message });
}

/**
 * Deletes from the leaves up: the service would delete a folder alone, and nobody would find again what was in it. What others put in
 * meanwhile is deleted, too.
 */
async function deleteTree(tree: SugarTree, resource: SugarResource, options: CallOptions): Promise<void> {
  if (resource.kind === 'folder') {
    for (let round = 1; ; round++) {
      const children = await childrenIfAny(tree, resource, options);
      if (children.length === 0) break;
      if (round > roundsAtMost)
        throw new StoreError('Unavailable', { message: 'the folder is filled faster than it can be emptied' });
      await forEachConcurrently(children, deletionsAtOnce, async (child) => {
        await deleteTree(tree, child, options);
        tree.known.remove(resource.ref, child.ref);
      });
    }
  }
  await tree.calls.remove(resource, options);
}

async function childrenIfAny(
  tree: SugarTree,
  folder: SugarFolder,
  options: CallOptions,
): Promise<readonly SugarResource[]> {
  try {
    return await tree.children(folder, options);
  } catch (error) {
    if (!isStoreError(error, 'NotFound')) throw error;
    return [];
  }
}

/** `Store.deleteAll`: a directory that holds just what was told goes as a whole, all else one by one. */
export async function deleteKnown(
  tree: SugarTree,
  store: Store,
  entries: readonly KnownEntry[],
  options: CallOptions,
): Promise<string[]> {
  const { signal } = options;
  return await deleteTrees(store, entries, (known) => holdsOnlyTold(tree, known, { signal }), { signal, atOnce: 1 });
}

/** Names that no path can hold, and further files of one name, are not told, so they keep the whole. */
async function holdsOnlyTold(tree: SugarTree, known: KnownTree, options: CallOptions): Promise<boolean> {
  const found = await tree.find(known.path, options);
  if (found?.kind !== 'folder') return false;
  const left: { readonly path: string; readonly folder: SugarFolder }[] = [{ path: known.path, folder: found }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, folder } = next;
    const children = standingOf(await childrenIfAny(tree, folder, options));
    if (new Set(children.map(({ name }) => folded(name))).size < children.length) return false;
    for (const child of children) {
      const place = childOf(path, child.name);
      if (!isShown(child.name) || !isTold(entryOf(child, place), known.below.get(place))) return false;
      if (child.kind === 'folder') left.push({ path: place, folder: child });
    }
  }
  return true;
}

/** All that a folder holds but what was never filled. */
function standingOf(resources: readonly SugarResource[]): SugarResource[] {
  return resources.filter((resource) => !isUnfinished(resource));
}
