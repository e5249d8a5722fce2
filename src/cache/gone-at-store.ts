import { isStoreError, StoreError } from '../store/errors.ts';
import { nameOf } from '../store/path.ts';
import type { Store } from '../store/store.ts';
import type { Node } from './node.ts';
import type { Tree } from './tree.ts';

/**
 * Whether a node that a single call did not find is really gone at the store: a whole listing of its directory is without it, or of one
 * above where that is gone itself. Whatever stands in front of a service answers "not found" too. Throws what the listing fails
 * with; a store without a root is `Unavailable`.
 */
export async function isGone(node: Node, tree: Tree, store: Store, signal: AbortSignal): Promise<boolean> {
  const { synced } = node;
  const directory = synced === null ? undefined : tree.find(synced.parent);
  if (synced === null || directory === undefined) return true;
  try {
    let isListed = false;
    for await (const { path } of store.list(tree.syncedPathOf(directory), { quick: true, signal }))
      isListed ||= nameOf(path) === synced.name;
    return !isListed;
  } catch (error) {
    if (!isStoreError(error, 'NotFound') && !isStoreError(error, 'NotADirectory')) throw error;
    if (directory.synced !== null) return await isGone(directory, tree, store, signal);
    throw new StoreError('Unavailable', { path: '/', message: 'the store does not find its own root', cause: error });
  }
}
