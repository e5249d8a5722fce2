import type { FileEntry } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { adoptMetadata, isSameMetadata } from './file-metadata.ts';
import { isStoredLink } from './link-names.ts';
import type { Node } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import { takeVersion } from './succession.ts';
import { isSameVersion, syncedAs } from './synced-entry.ts';
import type { Tree } from './tree.ts';

/** What it takes to follow the store. */
export interface SeenAgainParts {
  readonly tree: Tree;
  readonly contents: ContentHolder;
  /** Permission bits of files of which the store tells none. */
  readonly fileMode: number;
}

/**
 * The store tells again of a file that is known: what changed there is taken over, unless ours is newer or on its way.
 *
 * @param changes gets what the user sees of it
 */
export function seenAgain(node: Node, entry: FileEntry, parts: SeenAgainParts, changes: TreeChange[]): void {
  const { synced } = node;
  if (synced === null) return;
  // Ours is newer than theirs was: both are kept, when ours is sent on the condition of the version we know.
  if (!isSameVersion(synced, entry)) return node.sending ? undefined : followStore(node, entry, parts, changes);
  const isTold = entry.metadata !== undefined && !isSameMetadata(entry.metadata, synced.metadata);
  const isSettled = synced.unsure === true && entry.unsure === undefined;
  if (synced.revision === entry.revision && !isTold && !isSettled) return;
  node.synced = { ...synced, revision: entry.revision, unsure: isSettled ? undefined : synced.unsure };
  if (isTold && adoptMetadata(node, entry.metadata, parts.fileMode))
    changes.push({ kind: 'attributes', node: node.id });
  parts.tree.save(node);
}

/** The store has another version: the content from here is forgotten, unless the file was changed here. */
export function followStore(node: Node, entry: FileEntry, parts: SeenAgainParts, changes: TreeChange[]): void {
  const { synced } = node;
  if (synced === null) return;
  const { tree, contents } = parts;
  contents.direct.look(node);
  if (node.contentDirty || !isLive(node) || contents.direct.isWritten(node)) return;
  const next = takeVersion(node, syncedAs(synced.parent, synced.name, entry), tree, contents, changes);
  adoptMetadata(next, entry.metadata, parts.fileMode);
  tree.save(next);
  if (next.link && !isStoredLink(synced.name, entry.size)) endLink(next, tree, changes);
}

/** What replaced a symbolic link at the store is no target of one: it shows as the file that it is. */
function endLink(node: Node, tree: Tree, changes: TreeChange[]): void {
  const directory = node.parent as number;
  changes.push({ kind: 'removed', node: node.id, directory, name: node.shownName });
  node.link = false;
  tree.save(node);
  changes.push({ kind: 'added', node: node.id, directory, name: node.shownName });
}
