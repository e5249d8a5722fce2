import { StoreError } from '../store/errors.ts';
import type { Contents } from './contents.ts';
import { isDirty, isLive } from './changes.ts';
import type { Node } from './node.ts';
import { Ranges } from './ranges.ts';
import type { Room } from './room.ts';
import type { Tree } from './tree.ts';

/** How many candidates one look into the database brings. */
const evictionBatch = 64;

/** Brings nodes and data files together: gives a node its data file, takes it away, and keeps the account of the room. */
export class ContentHolder {
  readonly contents: Contents;
  readonly #tree: Tree;
  readonly room: Room;

  constructor(tree: Tree, contents: Contents, room: Room) {
    this.#tree = tree;
    this.contents = contents;
    this.room = room;
  }

  /**
   * Gives a node that has none a data file: an empty one where bytes must be fetched, a complete one where there are none.
   * Throws `NotFound` when there is nowhere to fetch them from.
   */
  ensure(node: Node): number {
    if (node.content === 0) {
      if (node.synced === null && node.size > 0)
        throw new StoreError('NotFound', { path: this.#tree.pathOf(node), message: 'the store has it no more' });
      node.content = this.contents.create(node.size);
      node.present = node.size === 0 ? null : new Ranges();
      this.#tree.save(node);
    }
    return node.content;
  }

  /** Bytes of the node's content that are here. */
  bytesOf(node: Node): number {
    if (node.content === 0) return 0;
    return node.present === null ? node.size : node.present.bytes;
  }

  /** Takes the data file away. The node is not saved. */
  drop(node: Node): void {
    if (node.content === 0) return;
    this.room.give(this.bytesOf(node));
    const { content } = node;
    node.content = 0;
    node.present = null;
    this.contents.remove(content);
  }

  /** Puts another data file, complete and of `size` bytes, in place of the node's. `commit` saves the node before the old file goes. */
  replace(node: Node, content: number, size: number, commit: () => void): void {
    const old = node.content;
    this.room.give(this.bytesOf(node));
    node.content = content;
    node.present = null;
    node.size = size;
    node.contentVersion++;
    commit();
    if (old !== 0) this.contents.remove(old);
  }

  /** Bytes of a node that arrived from the store are real now. Saved when the content is complete. */
  arrived(node: Node, start: number, end: number): void {
    if (node.present === null) return;
    const before = node.present.bytes;
    node.present.add(start, end);
    this.room.takeForClean(node.present.bytes - before);
    if (!node.present.covers(0, node.size)) return;
    node.present = null;
    this.#tree.save(node);
  }

  /** Lets go of a removed node that nobody uses any more: its content goes now, its row when the store has it no more either. */
  settle(node: Node): void {
    if (isLive(node) || node.opens > 0 || node.sending) return;
    this.drop(node);
    this.#tree.save(node);
  }

  /** Drops clean content that nobody uses, least recently opened first, until about `bytes` are free. */
  evict(bytes: number): void {
    this.#tree.saveAccesses();
    let freed = 0;
    while (freed < bytes) {
      const before = freed;
      for (const id of this.#tree.table.evictable(evictionBatch)) {
        const node = this.#tree.find(id);
        if (freed >= bytes) return;
        if (node === undefined || !this.#canEvict(node)) continue;
        freed += Math.max(1, this.bytesOf(node));
        this.drop(node);
        this.#tree.save(node);
      }
      if (freed === before) return;
    }
  }

  #canEvict(node: Node): boolean {
    return node.opens === 0 && !node.sending && !isDirty(node) && !node.writing && isLive(node);
  }
}
