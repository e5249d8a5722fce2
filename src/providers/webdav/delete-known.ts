import { deleteEach } from '../../store/delete-each.ts';
import { isStoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { type KnownTree, knownTrees } from '../../store/known-entries.ts';
import type { CallOptions, Entry, KnownEntry, Store } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { deletePath } from './delete-path.ts';
import { listTree } from './list-tree.ts';

const treesAtOnce = 4;

/**
 * `Store.deleteAll`: a directory that holds just what was told goes by one DELETE (RFC 4918 section 9.6.1), all else one by one. What
 * somebody puts there between listing and DELETE goes with it: no server looks at more than the directory itself.
 */
export async function deleteKnown(
  server: DavServer,
  store: Store,
  entries: readonly KnownEntry[],
  { signal }: CallOptions,
): Promise<string[]> {
  const { trees, loose } = knownTrees(entries);
  const kept: string[] = [];
  await forEachConcurrently(trees, treesAtOnce, async (tree) => {
    const isWhole = tree.below.size > 0 && (await holdsOnlyTold(server, tree, signal));
    if (isWhole) return await deletePath(server, tree.path, { recursive: true, signal });
    const all: KnownEntry[] = [...tree.below.values(), { kind: 'directory', path: tree.path }];
    kept.push(...(await deleteEach(store, all, { signal })));
  });
  kept.push(...(await deleteEach(store, loose, { signal })));
  return kept;
}

async function holdsOnlyTold(server: DavServer, tree: KnownTree, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    for await (const entry of listTree(server, tree.path, signal))
      if (!isTold(entry, tree.below.get(entry.path))) return false;
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
