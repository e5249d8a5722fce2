import { isStoreError, StoreError } from '../store/errors.ts';
import type { Contents } from './contents.ts';
import { isDirty, isLive } from './changes.ts';
import { DirectFiles } from './direct-files.ts';
import type { DiskReserve } from './disk-reserve.ts';
import type { Node } from './node.ts';
import { KeptContents } from './kept-contents.ts';
import { Ranges } from './ranges.ts';
import type { Room } from './room.ts';
import type { Tree } from './tree.ts';
import { SmallFiles } from './small-files.ts';
import { UnneededContents } from './unneeded-contents.ts';

/** How many candidates one look into the database brings. */
const evictionBatch = 64;
/** So many open files are looked at when what is only read has passed the hard limit. */
const mostForgotten = 4096;
/** How much is dropped when the disk is full. */
const emergencyBytes = 64 << 20;

/** Brings nodes and data files together: gives a node its data file, takes it away, and keeps the account of the room. */
export class ContentHolder {
  readonly contents: Contents;
  readonly #tree: Tree;
  readonly room: Room;
  readonly direct: DirectFiles;
  readonly kept: KeptContents;
  readonly #small: SmallFiles;
  readonly #reserve: DiskReserve | undefined;
  readonly #unneeded: UnneededContents;
  #isMakingRoom = false;
  #forgetting: NodeJS.Immediate | undefined;

  constructor(tree: Tree, contents: Contents, room: Room, reserve?: DiskReserve) {
    this.#reserve = reserve;
    this.#tree = tree;
    this.contents = contents;
    this.room = room;
    this.direct = new DirectFiles(tree, contents, room, (node) => this.settle(node));
    this.kept = new KeptContents(contents);
    this.#small = new SmallFiles(tree, contents);
    this.#unneeded = new UnneededContents({ tree, contents, onDurable: () => this.room.trim() });
    contents.whenFull(() => this.#makeRoom());
    tree.whenFull((isRemoval) => this.#makeRoom() || (isRemoval && reserve?.release() === true));
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

  /** Gives an empty node that has none a data file, which programs can write by themselves. */
  ensureFile(node: Node): void {
    node.content = this.contents.createFile(0);
    node.present = null;
    this.#tree.save(node);
  }

  /** Gives a new node its content, which is so small that it may pass the limits of the room. The node is not saved. */
  fill(node: Node, bytes: Uint8Array): void {
    const content = this.contents.create(0);
    this.contents.acquire(content);
    try {
      this.contents.write(content, bytes, 0);
    } catch (error) {
      this.contents.remove(content);
      throw error;
    } finally {
      this.contents.release(content);
    }
    this.room.takeForClean(bytes.length);
    node.content = content;
    node.size = bytes.length;
    node.contentDirty = true;
  }

  /** Gives a new, empty file its data file in the same commit that makes it. */
  prepare(node: Node): void {
    const content = this.contents.createFile(0);
    node.content = content;
    node.dataModified = this.contents.inspect(content)?.modified ?? 0;
  }

  /** Bytes of the node's content that are here. */
  bytesOf(node: Node): number {
    if (node.content === 0) return 0;
    return node.present === null ? node.size : node.present.bytes;
  }

  /** Takes the data file away, at the end of the transaction. The node is not saved. */
  drop(node: Node): void {
    if (node.content === 0) return;
    this.room.give(this.bytesOf(node));
    const { content, direct, contentDirty } = node;
    node.content = 0;
    node.present = null;
    if (this.contents.isInline(content)) return this.contents.remove(content);
    this.#tree.afterCommit(() => {
      // A program that we do not know of may have kept it open.
      const how = direct === null ? 'recycle' : 'remove';
      if (contentDirty || this.#unneeded.wasJustSent(content)) this.#unneeded.add(content, how);
      else this.contents[how](content);
    });
  }

  /** It is committed that the store has what is here of a node. */
  sent({ content }: Node): void {
    if (content !== 0) this.#unneeded.sent(content);
  }

  /** Puts another data file, complete and of `size` bytes, in place of the node's. `commit` saves the node before the old file goes. */
  replace(node: Node, content: number, size: number, commit: () => void): void {
    const { content: old, contentDirty } = node;
    this.room.give(this.bytesOf(node));
    node.content = content;
    node.present = null;
    node.edits = null;
    node.size = size;
    node.contentVersion++;
    commit();
    if (old === 0) return;
    const isNeeded = (contentDirty || this.#unneeded.wasJustSent(old)) && !this.contents.isInline(old);
    if (isNeeded) this.#unneeded.add(old, 'remove');
    else this.contents.remove(old);
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

  /**
   * After a use of a node ended. A removed one that nobody uses any more is let go: its content now, its row when the store
   * has it no more either. A clean one may be evicted.
   */
  settle(node: Node): void {
    if (node.opens > 0 || node.sending) return;
    if (!isLive(node)) {
      this.drop(node);
      this.#tree.save(node);
    } else if (!isDirty(node)) {
      this.room.trim();
    } else {
      this.#small.closed(node);
    }
  }

  /** Looks for the last time at what programs write by themselves. The contents stay open. */
  close(): void {
    clearImmediate(this.#forgetting);
    this.#reserve?.close();
    this.#small.close();
    this.#unneeded.close();
    this.direct.close();
  }

  /** Drops clean content that nobody uses, least recently opened first, until about `bytes` are free. */
  evict(bytes: number): void {
    this.#tree.saveTimes();
    this.#dropUnused(bytes);
  }

  #dropUnused(bytes: number): void {
    let freed = 0;
    for (let kept = 0; freed < bytes; ) {
      const wanted = kept + evictionBatch;
      const candidates = this.#tree.table.evictable(wanted);
      kept = 0;
      for (const id of candidates) {
        const node = this.#tree.find(id);
        if (freed >= bytes) return;
        if (node === undefined || !this.#canEvict(node)) {
          kept++;
          continue;
        }
        freed += Math.max(1, this.bytesOf(node));
        this.drop(node);
        this.#tree.save(node);
      }
      if (candidates.length < wanted) return;
    }
  }

  /** Forgets, in a turn of its own, what programs have open and only read, until the hard limit is kept: it is fetched again as they read on. */
  forgetOpen(): void {
    // Whoever brought the bytes hands them on first.
    this.#forgetting ??= setImmediate(() => {
      this.#forgetting = undefined;
      const nodes = this.#tree.table.evictable(mostForgotten).flatMap((id) => this.#tree.find(id) ?? []);
      // What is on its way would have to come again.
      for (const node of nodes.toSorted((a, b) => a.fetching - b.fetching)) {
        if (this.room.bytes <= this.room.hardMaxBytes) return;
        if (this.#canForget(node)) this.#forget(node);
      }
    });
  }

  /** It has another content, of which nothing is here, at every moment: what is not here is never taken for zeros. */
  #forget(node: Node): void {
    this.drop(node);
    this.ensure(node);
  }

  #canForget(node: Node): boolean {
    const isRead = node.synced !== null && node.direct === null && !node.writing && !node.sending;
    return isRead && !isDirty(node) && isLive(node);
  }

  /** Throws `QuotaExceeded` where the disk has less free than so many bytes, also without what could be dropped. */
  assertDisk(bytes: number): void {
    const { files } = this.contents;
    if (files.freeBytes() < bytes) this.#dropUnused(bytes);
    if (files.freeBytes() >= bytes) return;
    throw new StoreError('QuotaExceeded', { message: `the disk that holds the cache has no ${bytes} bytes` });
  }

  /** On a full disk, clean content is the first to go. */
  #makeRoom(): boolean {
    if (this.#isMakingRoom) return false;
    this.#isMakingRoom = true;
    const before = this.room.bytes;
    let isMade = false;
    try {
      isMade = this.#settleUnneeded();
      this.#dropUnused(emergencyBytes);
    } catch (error) {
      if (!isStoreError(error, 'QuotaExceeded')) throw error;
    } finally {
      this.#isMakingRoom = false;
    }
    return isMade || this.room.bytes < before;
  }

  #settleUnneeded(): boolean {
    try {
      return this.#unneeded.settle();
    } catch {
      // What is wrong with the disk shows in the commit that is tried again.
      return false;
    }
  }

  #canEvict(node: Node): boolean {
    const isUsed = node.opens > 0 || node.fetching > 0 || node.sending;
    if (isUsed || isDirty(node) || node.writing || !isLive(node)) return false;
    const { content } = node;
    if (!this.#unneeded.wasJustSent(content) || this.contents.isInline(content)) return true;
    this.#unneeded.hurry();
    return false;
  }
}
