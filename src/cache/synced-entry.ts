import type { Entry, FileEntry } from '../store/store.ts';
import type { Node, Synced } from './node.ts';

/** What the store says of an entry, as a node remembers it. */
export function syncedAs(parent: number, name: string, entry: Entry): Synced {
  if (entry.kind === 'directory') return { parent, name, size: 0, modified: entry.modified ?? 0 };
  const { revision, size, modified, metadata, unsure } = entry;
  return { parent, name, revision, size, modified, metadata, unsure };
}

/** Whether an entry is the version that a node remembers: by revision where the store has them, else by size and time. */
export function isSameVersion(synced: Synced, entry: FileEntry): boolean {
  if (synced.revision !== undefined && entry.revision !== undefined) return synced.revision === entry.revision;
  return synced.size === entry.size && synced.modified === entry.modified;
}

/**
 * Takes over the time of a version that is known, from an entry that tells it exactly: listings of some stores tell another one
 * (`Capabilities.modifiedListed`). A time that was set here stays. Answers whether anything that is shown changed. Not saved.
 */
export function adoptModified(node: Node, { modified }: FileEntry): boolean {
  const { synced } = node;
  if (synced === null || synced.modified === modified) return false;
  node.synced = { ...synced, modified };
  if (node.contentDirty || node.modified !== synced.modified) return false;
  node.modified = modified;
  return true;
}
