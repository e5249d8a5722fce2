import { isStoreError } from '../store/errors.ts';
import {
  assertSize,
  beginChange,
  type ContentAccess,
  noteChange,
  readyToChange,
  truncateNode,
} from './content-change.ts';
import { clearPart, seekIn } from './content-holes.ts';
import { noteEdit } from './edits.ts';
import { mapAnswer } from './map-answer.ts';
import type { Node } from './node.ts';
import type { Answer, DirectAccess, HoleCalls, OpenElsewhere, OpenFile, Waiter } from './node-tree.ts';
import { Ranges } from './ranges.ts';
import { type Lookahead, ReadAhead } from './read-ahead.ts';

/**
 * An open file over a node's content. It follows the node: when the content is replaced, the next read or write goes to the
 * new one.
 *
 * The crash story: before the first byte of clean content changes, the row is committed with `contentDirty` and `writing`;
 * after a crash such a file has the size and time that its data file has. `flush` commits the figures themselves.
 */
export class OpenContent implements OpenFile {
  readonly node: Node;
  readonly #access: ContentAccess;
  readonly #readAhead: ReadAhead;
  readonly #writes: boolean;
  #content = 0;
  #isDirect = false;
  #released = false;

  constructor(node: Node, writes: boolean, access: ContentAccess) {
    this.node = node;
    this.#writes = writes;
    this.#access = access;
    this.#readAhead = new ReadAhead(access.readAhead, (interest) => access.fetcher.abandon(interest));
    node.opens++;
    node.accessed = Date.now();
    if (node.content !== 0) access.tree.times.note(node);
  }

  takeStalePages(): boolean {
    const { pagesAreStale } = this.node;
    this.node.pagesAreStale = false;
    return pagesAreStale;
  }

  get isDirect(): boolean {
    return this.#isDirect;
  }

  openDirectly(isShared: boolean, isOpenElsewhere?: OpenElsewhere): DirectAccess | undefined {
    const { node } = this;
    const { holder } = this.#access;
    const isWhole = node.content === 0 ? node.size === 0 && this.#writes : node.present === null;
    if (!isWhole || this.#isDirect) return undefined;
    const isLimited = this.#writes && this.#mustSeeWrites();
    if (isLimited && !isShared) return undefined;
    if (node.content === 0) holder.ensureFile(node);
    else if (this.#writes && !this.#isKept()) return undefined;
    const content = this.#attach();
    const descriptor = holder.contents.descriptorOf(content);
    if (descriptor === undefined) return undefined;
    holder.contents.lend(content, isOpenElsewhere);
    holder.direct.begin(node, this.#writes);
    this.#isDirect = true;
    return { descriptor, isLimited };
  }

  /**
   * Nobody stops who writes past us: not where closing is to wait for the store, nor where the limit is near, nor where a file could become too large for the store. And of a
   * large file that the store takes changes of, we want to know where it is changed.
   */
  #mustSeeWrites(): boolean {
    const { holder, maxFileSize, partialFrom, whenStored } = this.#access;
    const { size, contentDirty, edits, synced } = this.node;
    const sendsChanges = size >= partialFrom && synced !== null && (!contentDirty || edits !== null);
    return whenStored !== undefined || sendsChanges || holder.room.isShort || maxFileSize < holder.room.hardMaxBytes;
  }

  /** Whether what the store has of it is on the disk. A large content is when it is opened the next time. */
  #isKept(): boolean {
    const { node } = this;
    const { kept } = this.#access.holder;
    const wait = kept.keepLarge(node);
    // Whoever writes through the cache waits for it, and learns why it failed.
    wait?.catch(() => undefined);
    if (wait === undefined && !node.contentDirty) kept.keep(node);
    return wait === undefined;
  }

  closeDirectly(): void {
    if (!this.#isDirect) return;
    this.#isDirect = false;
    this.#access.holder.direct.end(this.node, this.#writes);
  }

  read(offset: number, into: Uint8Array, waiter?: Waiter): number | Promise<Uint8Array> {
    try {
      return this.#readNow(offset, into, waiter);
    } catch (error) {
      this.#access.quarantine.refuse(this.node, this.#content, error);
    }
    return this.#readNow(offset, into, waiter);
  }

  #readNow(offset: number, into: Uint8Array, waiter?: Waiter): number | Promise<Uint8Array> {
    const { node } = this;
    this.#access.holder.direct.look(node);
    const length = Math.min(into.length, node.size - offset);
    if (length <= 0) return 0;
    const content = this.#attach();
    if (node.present === null) return this.#access.holder.contents.read(content, into, offset);
    const ahead = this.#readAhead.read(offset, length, node.size);
    if (!node.present.covers(offset, offset + length)) return this.#readLater(offset, length, ahead, waiter?.signal);
    if (ahead.isNews) this.#access.fetcher.prefetch(node, offset + length, ahead.end, ahead.interest);
    return this.#access.holder.contents.read(content, into.subarray(0, length), offset);
  }

  async #readLater(offset: number, length: number, ahead: Lookahead, signal?: AbortSignal): Promise<Uint8Array> {
    const { node } = this;
    const options = { ahead: ahead.end, interest: ahead.interest, signal };
    // Between the arrival and the next step the content may have been replaced by another, empty one.
    do await this.#access.fetcher.fetch(node, offset, offset + length, options);
    while (node.present?.covers(offset, Math.min(offset + length, node.size)) === false);
    const bytes = new Uint8Array(Math.max(0, Math.min(length, node.size - offset)));
    return bytes.subarray(0, this.#access.holder.contents.read(this.#attach(), bytes, offset));
  }

  write(offset: number, data: Uint8Array, waiter?: Waiter): Answer<number> {
    const end = offset + data.length;
    assertSize(this.node, end, this.#access);
    this.#access.holder.direct.look(this.node);
    const growth = this.#growth(offset, end);
    const ready = readyToChange(this.node, growth, this.#access, waiter);
    if (ready === undefined) return this.#writeNow(offset, data, growth);
    const copy = new Uint8Array(data);
    return ready.then(() => this.#writeNow(offset, copy, growth));
  }

  /** `taken`: the room that was taken for it. */
  #writeNow(offset: number, data: Uint8Array, taken: number): number {
    const { node } = this;
    const { room, direct } = this.#access.holder;
    direct.look(node);
    const { size } = node;
    try {
      // What others wrote during a wait for room may have changed how much this write adds.
      const growth = this.#growth(offset, offset + data.length);
      this.#put(offset, data);
      room.give(taken - growth);
    } catch (error) {
      room.give(taken);
      throw error;
    }
    if (offset > size) node.present?.add(size, offset);
    node.present?.add(offset, offset + data.length);
    noteChange(node, Math.max(node.size, offset + data.length), this.#access);
    // What is not known to be here would be fetched again after a crash, over what was written.
    if (node.present !== null) this.#access.tree.save(node);
    return data.length;
  }

  #put(offset: number, data: Uint8Array): void {
    const { node } = this;
    const { contents } = this.#access.holder;
    const content = this.#attach();
    beginChange(node, this.#access);
    noteEdit(node, Math.min(offset, node.size), offset + data.length);
    try {
      contents.write(content, data, offset);
    } catch (error) {
      // A part of it may be on the disk: what lies behind the end is cut off, what was written over is a change.
      contents.truncate(content, node.size);
      noteChange(node, node.size, this.#access);
      throw error;
    }
  }

  allocate(offset: number, length: number, keepSize: boolean): Answer<void> {
    const end = offset + length;
    this.#access.holder.direct.look(this.node);
    if (keepSize || end <= this.node.size) return undefined;
    this.#access.holder.assertDisk(end - this.node.size);
    return truncateNode(this.node, end, this.#access);
  }

  clear(offset: number, length: number, keepSize: boolean, holes?: HoleCalls): Answer<void> {
    const cleared = (): Answer<void> => clearPart(this.node, offset, offset + length, this.#access, holes);
    return mapAnswer(this.allocate(offset, length, keepSize), cleared);
  }

  seek(offset: number, whence: 'data' | 'hole', holes?: HoleCalls): number | undefined {
    this.#access.holder.direct.look(this.node);
    return seekIn(this.node, offset, whence, this.#access, holes);
  }

  flush(waiter?: Waiter): Answer<void> {
    this.#commit();
    return this.#access.whenStored?.(this.node, waiter);
  }

  #commit(): void {
    const { node } = this;
    const { direct } = this.#access.holder;
    direct.look(node);
    // A file that is not whole was saved with every write, as one that is being written.
    if (!node.unsaved && (node.present === null || !node.writing)) return;
    node.writing = direct.isWritten(node);
    this.#access.tree.save(node);
  }

  async sync(waiter?: Waiter): Promise<void> {
    this.#commit();
    if (this.node.content !== 0) await this.#access.holder.contents.sync(this.node.content);
    await this.#access.tree.makeDurable();
    await this.#access.whenStored?.(this.node, waiter);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    const { node } = this;
    const { tree, holder } = this.#access;
    this.#readAhead.close();
    node.opens--;
    try {
      this.closeDirectly();
      if (node.unsaved) this.#commit();
      else if (node.present !== null) tree.save(node);
    } catch (error) {
      // Not lost: the row says that the file is being written, and the next commit, or the next start, brings it up to date.
      if (!isStoreError(error, 'QuotaExceeded')) throw error;
    }
    if (this.#content !== 0) holder.contents.release(this.#content);
    holder.settle(node);
  }

  /** The number of the node's data file, acquired for this use. */
  #attach(): number {
    const { contents } = this.#access.holder;
    if (this.#content !== 0 && this.#content === this.node.content) return this.#content;
    const content = this.#acquire();
    if (this.#content !== 0) contents.release(this.#content);
    this.#content = content;
    return content;
  }

  /** A data file that is not to be had is replaced, as far as the store has its bytes. */
  #acquire(): number {
    const { holder, quarantine } = this.#access;
    const content = holder.ensure(this.node);
    try {
      holder.contents.acquire(content);
      return content;
    } catch (error) {
      quarantine.refuse(this.node, content, error);
    }
    const fresh = holder.ensure(this.node);
    holder.contents.acquire(fresh);
    return fresh;
  }

  /** Bytes by which the cache grows when `[offset, end)` is written. */
  #growth(offset: number, end: number): number {
    const { size, content } = this.node;
    const present = content === 0 && size > 0 ? new Ranges() : this.node.present;
    if (present === null) return Math.max(0, end - size);
    return present.missing(offset, end).reduce((sum, gap) => sum + gap.end - gap.start, 0) + Math.max(0, offset - size);
  }
}
