import { deleteEach } from './delete-each.ts';
import { forEachConcurrently } from './for-each-concurrently.ts';
import { type KnownTree, knownTrees } from './known-entries.ts';
import type { CallOptions, KnownEntry, Store } from './store.ts';

/**
 * `Store.deleteAll` for a service that deletes a directory with all that is in it: one of which `isWhole` says that it holds just what was told goes by
 * one `delete`, all else one by one. What somebody puts there between the two goes with it. `atOnce` directories are looked at together.
 */
export async function deleteTrees(
  store: Store,
  entries: readonly KnownEntry[],
  isWhole: (known: KnownTree) => Promise<boolean>,
  { signal, atOnce = 4 }: CallOptions & { readonly atOnce?: number } = {},
): Promise<string[]> {
  const { trees, loose } = knownTrees(entries);
  const single: KnownEntry[] = [...loose];
  await forEachConcurrently(trees, atOnce, async (known) => {
    if (known.below.size > 0 && (await isWhole(known))) await store.delete(known.path, { recursive: true, signal });
    else single.push(...known.below.values(), { kind: 'directory', path: known.path });
  });
  return await deleteEach(store, single, { signal });
}
