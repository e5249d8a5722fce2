import type { ByteRange, Capabilities } from '../store/store.ts';
import { isInPlace } from './changes.ts';
import type { Node } from './node.ts';

/**
 * What of a changed file need not be sent, and so not be fetched either: the parts that are as in the version that is replaced.
 * Undefined where all of it must be sent: it is small, stands elsewhere at the store, is not known well enough, or the store
 * takes whole files only.
 */
export function unchangedParts(node: Node, capabilities: Capabilities): ByteRange[] | undefined {
  const { synced, edits, size } = node;
  const isWorthIt = size >= capabilities.partialFrom && capabilities.preconditions !== 'none';
  if (!isWorthIt || edits === null || synced === null) return undefined;
  return isInPlace(node) && synced.revision === edits.revision ? edits.unchanged(size) : undefined;
}
