import type { NodeTree, TreeNode } from '../cache/node-tree.ts';
import { Errno } from '../fuse/errno.ts';
import type { Attributes, AttributesReply, EntryReply } from '../fuse/file-system.ts';
import { isStoreError } from '../store/errors.ts';
import { attributesOf } from './attributes.ts';

const rootOfMount = 1;
/** In seconds; the kernel counts in jiffies, of up to ten milliseconds. */
const madeMoment = 0.01;
/** Holes in smaller files are not worth a look at the disk. */
const sparseFrom = 1 << 20;

/** The nodes of a tree in the kernel's words. Inode numbers are the tree's plus `base`. */
export class NodeReplies {
  readonly tree: NodeTree;
  readonly base: number;

  constructor(tree: NodeTree, base: number) {
    this.tree = tree;
    this.base = base;
  }

  /** The node of an inode number. One that the tree does not know any more is ESTALE: the kernel then asks for the name again. */
  node(ino: number): TreeNode {
    try {
      return this.tree.get(ino - this.base);
    } catch (error) {
      throw isStoreError(error, 'NotFound') ? Errno.of('ESTALE') : error;
    }
  }

  /** The inode number of the directory that holds a node. */
  parentOf(ino: number): number {
    const { parent } = this.node(ino);
    return parent === null ? rootOfMount : parent + this.base;
  }

  /** Seconds for which a directory's names may be believed. */
  freshFor(directory: number): number {
    return this.tree.freshFor(directory) / 1000;
  }

  /** What LOOKUP answers for a node, believed for `seconds`. */
  entry(node: TreeNode, seconds: number = this.freshFor(node.parent ?? this.tree.root)): EntryReply {
    return {
      node: node.id + this.base,
      attributes: this.#shown(node, false),
      entryTimeout: seconds,
      attributeTimeout: node.isRestless ? 0 : seconds,
    };
  }

  /**
   * What CREATE answers for a node that was just made or found. Its attributes are believed for a moment even if programs write it by
   * themselves: the kernel asks for them before the program gets its descriptor (fs/namei.c: may_open), and forgets them with
   * each write that it does itself.
   */
  madeEntry(node: TreeNode): EntryReply {
    const entry = this.entry(node);
    return node.isRestless && entry.node !== 0 ? { ...entry, attributeTimeout: madeMoment } : entry;
  }

  /** What GETATTR answers for a node. */
  attributes(node: TreeNode): AttributesReply {
    const removed = node.parent === null && node.id !== this.tree.root;
    return {
      attributes: this.#shown(node, removed),
      attributeTimeout: node.isRestless ? 0 : this.freshFor(node.parent ?? this.tree.root),
    };
  }

  #shown(node: TreeNode, removed: boolean): Attributes {
    const onDisk = node.kind === 'file' && node.size >= sparseFrom ? this.tree.bytesOnDisk(node.id) : undefined;
    return attributesOf(node, { ino: node.id + this.base, removed, onDisk });
  }
}
