import type { NodeListing, TreeNode } from '../../src/cache/node-tree.ts';
import { StoreError, type StoreErrorCode } from '../../src/store/errors.ts';

/** A node of a `MemoryNodeTree`. */
export type MemoryNode = { -readonly [field in keyof TreeNode]: TreeNode[field] } & {
  content: Uint8Array;
  opens: number;
};

/** Cuts a node's content, or lengthens it with zeros. */
export function resize(node: MemoryNode, size: number): void {
  const content = new Uint8Array(size);
  content.set(node.content.subarray(0, size));
  node.content = content;
  node.size = size;
}

/** Fails as a store does. */
export function fail(code: StoreErrorCode): never {
  throw new StoreError(code);
}

/** The names of a directory, all of them known. */
export function listingOf(directory: number, nodes: readonly TreeNode[]): NodeListing {
  return {
    length: nodes.length,
    isWhole: true,
    at: (position) => (nodes[position]?.parent === directory ? nodes[position] : undefined),
    more: () => Promise.resolve(),
  };
}
