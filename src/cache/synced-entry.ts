import type { Entry, FileEntry } from '../store/store.ts';
import type { Node } from './node.ts';

/** What the store says of an entry, as a node remembers it. */
export function syncedAs(parent: number, name: string, entry: Entry): NonNullable<Node['synced']> {
  if (entry.kind === 'directory') return { parent, name, size: 0, modified: entry.modified ?? 0 };
  return { parent, name, revision: entry.revision, size: entry.size, modified: entry.modified };
}

/** Whether an entry is the version that a node remembers: by revision where the store has them, else by size and time. */
export function isSameVersion(synced: NonNullable<Node['synced']>, entry: FileEntry): boolean {
  if (synced.revision !== undefined && entry.revision !== undefined) return synced.revision === entry.revision;
  return synced.size === entry.size && synced.modified === entry.modified;
}
