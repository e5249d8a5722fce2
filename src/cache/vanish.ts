import { isDirty, isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import type { Node } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { Tree } from './tree.ts';

/**
 * The store has a node no more, nor anything below it. What was changed here stays, and is sent as new; the rest goes.
 * Nodes below that are being sent are left to whoever sends them.
 *
 * @param changes gets what the user sees of it
 */
export function vanish(node: Node, tree: Tree, holder: ContentHolder, changes: TreeChange[]): void {
  node.version++;
  const below = node.kind === 'directory' ? childrenOf(node, tree) : [];
  for (const child of below) if (!child.sending) vanish(child, tree, holder, changes);
  if (!isLive(node)) {
    node.synced = null;
    tree.save(node);
    return;
  }
  holder.direct.look(node);
  const wanted = node.kind === 'file' ? holdsOnlyCopy(node) : tree.children(node).size > 0;
  node.synced = null;
  if (wanted) {
    node.contentDirty = node.kind === 'file';
    tree.save(node);
    return;
  }
  const directory = node.parent as number;
  const name = node.shownName;
  tree.detach(node);
  holder.settle(node);
  changes.push({ kind: 'removed', node: node.id, directory, name });
}

/** What the store had in a directory, wherever the user has it. */
function childrenOf(directory: Node, tree: Tree): Node[] {
  const loaded = tree
    .children(directory)
    .values()
    .filter(({ synced }) => synced?.parent === directory.id);
  const stored = tree.table.syncedChildren(directory.id).map((id) => tree.node(id));
  return [...new Set([...loaded, ...stored])];
}

/** A file that was edited, or moved while its content is here whole. */
function holdsOnlyCopy(node: Node): boolean {
  return node.contentDirty || node.writing || (isDirty(node) && node.content !== 0 && node.present === null);
}
