import { deleteTrees } from '../../store/delete-trees.ts';
import { holdsOnlyTold } from '../../store/known-entries.ts';
import type { CallOptions, KnownEntry, Store } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { listTree } from './list-tree.ts';

/**
 * `Store.deleteAll`: a directory that holds just what was told goes by one DELETE (RFC 4918 section 9.6.1), all else one by one. No server looks at more
 * than the directory itself.
 */
export async function deleteKnown(
  server: DavServer,
  store: Store,
  entries: readonly KnownEntry[],
  options: CallOptions,
): Promise<string[]> {
  return await deleteTrees(
    store,
    entries,
    (known) => holdsOnlyTold(known, listTree(server, known.path, options.signal)),
    options,
  );
}
