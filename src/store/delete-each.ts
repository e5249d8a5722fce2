import { isStoreError, type StoreErrorCode } from './errors.ts';
import { forEachConcurrently } from './for-each-concurrently.ts';
import { assertDeletable } from './known-entries.ts';
import { find } from './operations.ts';
import { isInside, segmentsOf } from './path.ts';
import type { CallOptions, KnownEntry, Store } from './store.ts';

const atOnce = 16;

/** What `delete` says of something that is not as it was told. */
const differences: ReadonlySet<StoreErrorCode> = new Set(['Conflict', 'NotEmpty', 'IsADirectory', 'NotADirectory']);

/**
 * `Store.deleteAll` for a service that deletes one by one: files with their revisions, several at a time, then directories from the
 * deepest on. What has no revision is looked at before, because `delete` takes both kinds; a small window stays open there.
 */
export async function deleteEach(
  store: Store,
  entries: readonly KnownEntry[],
  { signal }: CallOptions = {},
): Promise<string[]> {
  assertDeletable(entries, store);
  signal?.throwIfAborted();
  const kept: string[] = [];
  const remove = async (entry: KnownEntry): Promise<void> => {
    if (!(await isRemoved(store, entry, { signal }))) kept.push(entry.path);
  };
  const files = entries.filter(({ kind }) => kind === 'file');
  await forEachConcurrently(files, atOnce, remove);
  for (const level of deepestFirst(entries.filter(({ kind }) => kind === 'directory')))
    await forEachConcurrently(level, atOnce, async (directory) => {
      if (kept.some((path) => isInside(path, directory.path))) kept.push(directory.path);
      else await remove(directory);
    });
  return kept;
}

async function isRemoved(store: Store, entry: KnownEntry, { signal }: CallOptions): Promise<boolean> {
  const { kind, path } = entry;
  const ifRevision = kind === 'file' ? entry.revision : undefined;
  if (ifRevision === undefined) {
    const found = await find(store, path, { signal });
    if (found === undefined) return true;
    if (found.kind !== kind) return false;
  }
  try {
    await store.delete(path, { ifRevision, signal });
    return true;
  } catch (error) {
    if (isStoreError(error) && differences.has(error.code)) return false;
    throw error;
  }
}

function deepestFirst(directories: readonly KnownEntry[]): KnownEntry[][] {
  const levels: KnownEntry[][] = [];
  for (const directory of directories) (levels[segmentsOf(directory.path).length] ??= []).push(directory);
  return levels.filter((level) => level !== undefined).toReversed();
}
