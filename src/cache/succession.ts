import type { ContentHolder } from './content-holder.ts';
import type { Node, Synced } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { Tree } from './tree.ts';

/**
 * Gives a clean file the version that the store has now. Answers the node that has it, which is committed.
 *
 * Where programs hold the data file, that is a new node in the old one's place: they keep the old version until they close it,
 * as when a file is replaced by `rename`, and whoever opens the name gets the new one.
 *
 * @param changes gets what the user sees of it
 */
export function takeVersion(
  node: Node,
  synced: Synced,
  tree: Tree,
  holder: ContentHolder,
  changes: TreeChange[],
): Node {
  const isHeld = holder.direct.isHeld(node);
  const next = isHeld ? succeed(node, tree, changes) : node;
  if (!isHeld) holder.drop(node);
  next.synced = synced;
  next.size = synced.size;
  next.modified = next.changed = synced.modified;
  next.contentVersion++;
  tree.save(next);
  if (!isHeld) changes.push({ kind: 'content', node: node.id });
  return next;
}

function succeed(node: Node, tree: Tree, changes: TreeChange[]): Node {
  const directory = tree.node(node.parent as number);
  const { name, mode, uid, gid, attributes, metadataChanges, synced, size, modified, changed, readAt } = node;
  node.synced = null;
  node.metadataChanges = null;
  tree.detach(node);
  const next = tree.add(directory, name, 'file', (made) => {
    Object.assign(made, { mode, uid, gid, attributes, metadataChanges, synced, size, modified, changed, readAt });
  });
  changes.push({ kind: 'removed', node: node.id, directory: directory.id, name });
  changes.push({ kind: 'added', node: next.id, directory: directory.id, name });
  return next;
}
