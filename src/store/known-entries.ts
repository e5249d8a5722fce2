import { isStoreError, StoreError } from './errors.ts';
import { assertCanonical, parentOf } from './path.ts';
import type { Entry, KnownEntry, Store } from './store.ts';

/** What every store says before `deleteAll` changes anything: `InvalidPath`, or `Unsupported` for revisions that it does not have. */
export function assertDeletable(
  entries: readonly KnownEntry[],
  { name, capabilities }: Pick<Store, 'name' | 'capabilities'>,
): void {
  for (const entry of entries) {
    const { path } = entry;
    assertCanonical(path, 'deleteAll', name);
    const refusal = { operation: 'deleteAll', path, store: name };
    if (path === '/') throw new StoreError('InvalidPath', { ...refusal, message: 'the root cannot be deleted' });
    const hasRevision = entry.kind === 'file' && entry.revision !== undefined;
    if (hasRevision && capabilities.preconditions === 'none')
      throw new StoreError('Unsupported', { ...refusal, message: 'this store keeps no preconditions' });
  }
}

/** A directory that is to be deleted and lies in no other such, with what is to be deleted in it. */
export interface KnownTree {
  readonly path: string;
  /** What was told below it, by path. */
  readonly below: ReadonlyMap<string, KnownEntry>;
}

/** Sorts entries into whole trees and what lies in none. */
export function knownTrees(entries: readonly KnownEntry[]): { trees: KnownTree[]; loose: KnownEntry[] } {
  const directories = new Set(entries.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
  const trees = new Map<string, { readonly path: string; readonly below: Map<string, KnownEntry> }>();
  for (const path of directories)
    if (topOf(path, directories) === undefined) trees.set(path, { path, below: new Map() });
  const loose: KnownEntry[] = [];
  for (const entry of entries) {
    const top = topOf(entry.path, directories);
    if (top !== undefined) trees.get(top)?.below.set(entry.path, entry);
    else if (entry.kind === 'file') loose.push(entry);
  }
  return { trees: [...trees.values()], loose };
}

/** Whether everything in a directory is as it was told, given what lies below it now; false where it is no directory any more. */
export async function holdsOnlyTold({ below }: KnownTree, now: AsyncIterable<Entry>): Promise<boolean> {
  try {
    for await (const entry of now) if (!isTold(entry, below.get(entry.path))) return false;
    return true;
  } catch (error) {
    if (isStoreError(error, 'NotFound') || isStoreError(error, 'NotADirectory')) return false;
    throw error;
  }
}

/** Whether an entry is as it was told. */
export function isTold(entry: Entry, told: KnownEntry | undefined): boolean {
  if (entry.kind === 'directory') return told?.kind === 'directory';
  return told?.kind === 'file' && (told.revision === undefined || told.revision === entry.revision);
}

/** The uppermost of the directories that a path lies in. */
function topOf(path: string, directories: ReadonlySet<string>): string | undefined {
  let top: string | undefined;
  for (let above = parentOf(path); above !== '/'; above = parentOf(above)) if (directories.has(above)) top = above;
  return top;
}
