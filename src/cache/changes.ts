import type { Node } from './node.ts';
import { rootNode } from './node.ts';
import type { NodeState } from './node-tree.ts';

/**
 * How a node differs from what the store is known to hold. Everything that is to be sent follows from here, never from a log
 * of what happened: create and delete send nothing, a hundred saves send one.
 */

/** Whether the user sees it (or the root, which always is there). */
export function isLive(node: Node): boolean {
  return node.parent !== null || node.id === rootNode;
}

/** Whether it stands where the store has it. */
export function isInPlace(node: Node): boolean {
  return node.synced !== null && node.synced.parent === node.parent && node.synced.name === node.name;
}

/** Whether anything must be sent. */
export function isDirty(node: Node): boolean {
  if (node.id === rootNode) return false;
  if (!isLive(node)) return node.synced !== null || node.sent !== null;
  return !isInPlace(node) || node.contentDirty || node.metadataDirty || node.sent !== null;
}

/** What must be sent, in a word; undefined for a clean node. */
export function changeOf(node: Node): 'create' | 'update' | 'move' | 'attributes' | 'delete' | undefined {
  if (!isDirty(node)) return undefined;
  if (!isLive(node)) return 'delete';
  if (node.synced === null) return 'create';
  if (node.contentDirty) return 'update';
  return isInPlace(node) && node.metadataDirty ? 'attributes' : 'move';
}

/** How it stands to the store, in the words of `user.cloudfusion.state`. */
export function stateOf(node: Node): NodeState {
  if (!isDirty(node)) return 'clean';
  if (node.sending) return 'uploading';
  if (node.failure !== undefined) return 'error';
  return node.conflict ? 'conflict' : 'waiting';
}
