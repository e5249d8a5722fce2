import { isStoreError } from '../store/errors.ts';
import { isDirty } from './changes.ts';
import type { Contents } from './contents.ts';
import type { DirectUse, Node } from './node.ts';
import type { Room } from './room.ts';
import type { Tree } from './tree.ts';

/** How often files that are open for direct writing are looked at, in milliseconds. */
const lookInterval = 1000;
/** Two changes within this many milliseconds may carry one time: the clock of Linux' file times moves in jiffies. */
const clockStep = 20;
/** In milliseconds. */
const soon = 20;

/**
 * Files whose data file programs read and write themselves, past the cache: the kernel does it for them.
 *
 * What they write is found by the data file's size and modification time, which the kernel moves before the bytes: when the
 * file is opened, flushed and released, before anything here uses its size or content, and regularly. Stores into a mapping
 * move the time when a page first becomes dirty; `rest` writes dirty pages back, so that the next store moves it again.
 *
 * The crash story: before the first program can write, the row is committed with `writing` and the data file's time
 * (`dataModified`). After a crash, a data file with another size or time was written, and is dirty. Whoever wrote may live on:
 * such files are looked at until the cache closes (`suspect`).
 */
export class DirectFiles {
  readonly #tree: Tree;
  readonly #contents: Contents;
  readonly #room: Room;
  /** Nodes whose data file may be written. */
  readonly #watched = new Set<Node>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  readonly #onUnused: (node: Node) => void;

  /** `onUnused`: nobody has the node mapped any more, some time after it was closed. */
  constructor(tree: Tree, contents: Contents, room: Room, onUnused: (node: Node) => void) {
    this.#onUnused = onUnused;
    this.#tree = tree;
    this.#contents = contents;
    this.#room = room;
  }

  /** A program may now read the node's data file, which is whole, and with `writes` write it. Throws `QuotaExceeded`. */
  begin(node: Node, writes: boolean): void {
    if (writes) this.#expectWrites(node);
    if (node.direct?.content !== node.content) node.direct = null;
    const use = (node.direct ??= newUse(node.content, false));
    use.users++;
    use.mapped = false;
    if (!writes) return;
    use.writers++;
    this.#watch(node);
  }

  /** A use that `begin` told of has ended. */
  end(node: Node, writes: boolean): void {
    const use = node.direct;
    if (use === null) return;
    this.look(node);
    use.users--;
    if (writes && --use.writers === 0) {
      use.endedAt = node.dataModified;
      if (use.users > 0 || !this.#staysMapped(node, use)) this.#endWrites(node, use.written);
    } else if (use.users === 0 && use.endedAt !== 0 && this.#staysMapped(node, use)) this.#goOn(node, use);
    if (use.mapped) return;
    if (use.users === 0 && !use.suspected) this.#giveUp(node);
    else if (use.writers === 0 && !use.suspected) this.#unwatch(node);
  }

  /** A mapping is one of the data file: it does not keep the file open, and what is stored into it later is as much the user's. */
  #staysMapped(node: Node, use: DirectUse): boolean {
    use.mapped = node.content === use.content && this.#contents.isInPrograms(use.content) === true;
    if (use.mapped) this.#lookSoon();
    return use.mapped;
  }

  /** Who still reads had it open after the last writer; what came through a mapping since then is found now. */
  #goOn(node: Node, use: DirectUse): void {
    node.writing = true;
    node.dataModified = use.endedAt;
    this.#watch(node);
    this.look(node);
    this.#save(node);
  }

  /** The kernel gives a file back a moment after it tells that it was closed. */
  #lookSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#lookAtMapped();
    }, soon).unref();
  }

  #lookAtMapped(): void {
    for (const node of this.#watched) {
      const use = node.direct;
      if (use?.mapped !== true) continue;
      this.look(node);
      if (node.direct !== use || this.#contents.isInPrograms(use.content) === true) continue;
      use.mapped = false;
      this.look(node);
      this.#endWrites(node, use.written);
      this.#giveUp(node);
      this.#onUnused(node);
    }
  }

  /** Whether a program reaches the data file itself, so that it must stay this node's. */
  isHeld({ direct }: Node): boolean {
    return direct !== null && (direct.users > 0 || direct.mapped);
  }

  /** Whether a program that we know of may write the data file now. */
  isWritten({ direct }: Node): boolean {
    return direct !== null && (direct.writers > 0 || direct.mapped);
  }

  /** Somebody whom we do not know may be writing the data file, since an earlier run. */
  suspect(node: Node): void {
    node.direct = newUse(node.content, true);
    node.dataModified = this.#timeOf(node);
    this.#watch(node);
  }

  /** Takes in what programs have written into a node's data file. Cheap for all other nodes. */
  look(node: Node): void {
    const use = node.direct;
    if (use === null || !this.#watched.has(node)) return;
    const found = node.content === use.content ? this.#contents.inspect(use.content) : undefined;
    if (found === undefined) return this.#giveUp(node);
    if (found.size === node.size && found.modified === node.dataModified) return;
    use.written = true;
    node.dataModified = found.modified;
    node.modified = found.modified;
    this.#take(node, found.size, Math.min(found.modified, Date.now()));
  }

  /** The data file was changed here, by ourselves: that is no news. */
  restamp(node: Node): void {
    if (node.direct === null || !this.#watched.has(node)) return;
    node.direct.written = node.pagesAreStale = true;
    node.dataModified = this.#timeOf(node);
  }

  /**
   * Brings to light what was stored through mappings. Answers whether the data file rests: nothing has changed since we last
   * looked, and any later change will show.
   */
  async rest(node: Node): Promise<boolean> {
    if (node.direct === null || !this.#watched.has(node)) return true;
    const { version } = node;
    this.look(node);
    // What is still being written need not be brought to the disk.
    if (Date.now() - node.dataModified <= clockStep) return false;
    await this.#contents.sync(node.content);
    this.look(node);
    return node.version === version && Date.now() - node.dataModified > clockStep;
  }

  /** Looks at everything that may have been written. */
  lookAtAll(): void {
    for (const node of this.#watched) this.look(node);
    this.#lookAtMapped();
  }

  /** Looks for the last time. What programs still hold is committed as being written, for the next run to look at. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.lookAtAll();
    for (const node of this.#watched) if (node.writing) this.#tree.save(node);
    this.#watched.clear();
  }

  #expectWrites(node: Node): void {
    // A write in the same step of the clock would not show.
    if (!node.contentDirty && this.#timeOf(node) > Date.now() - clockStep) this.#contents.makeOlder(node.content);
    const modified = this.#timeOf(node);
    if (node.writing && node.dataModified === modified) return;
    const before = { writing: node.writing, dataModified: node.dataModified };
    node.writing = true;
    node.dataModified = modified;
    try {
      this.#tree.save(node);
    } catch (error) {
      Object.assign(node, before);
      throw error;
    }
  }

  #timeOf({ content }: Node): number {
    return this.#contents.inspect(content)?.modified ?? 0;
  }

  #endWrites(node: Node, written: boolean): void {
    // Where stores into it do not move the time, the last ones may have come after an upload.
    if (written && !node.contentDirty && !this.#contents.files.showsMappedWrites)
      this.#take(node, node.size, Date.now());
    node.writing = false;
    if (node.direct?.suspected !== true) node.dataModified = 0;
    // The row of a dirty node may say that it is being written: with the time in it, that is no lie after a crash.
    if (node.unsaved || !isDirty(node)) this.#save(node);
  }

  #take(node: Node, size: number, at: number): void {
    const growth = size - node.size;
    node.size = size;
    node.contentDirty = true;
    node.pagesAreStale = true;
    // Where it was written is not known, so all of it is sent.
    node.edits = null;
    node.version++;
    node.contentVersion++;
    node.changed = node.dirtiedAt = at;
    node.cancelUpload?.();
    this.#save(node);
    if (growth > 0) this.#room.takeUnasked(growth);
    else this.#room.give(-growth);
  }

  #save(node: Node): void {
    try {
      this.#tree.save(node);
    } catch (error) {
      // On a full disk the row keeps the older time: after a crash the change is found by it.
      if (!isStoreError(error, 'QuotaExceeded')) throw error;
      node.unsaved = true;
    }
  }

  #watch(node: Node): void {
    this.#watched.add(node);
    this.#timer ??= setInterval(() => this.lookAtAll(), lookInterval).unref();
  }

  #giveUp(node: Node): void {
    node.direct = null;
    this.#unwatch(node);
  }

  #unwatch(node: Node): void {
    this.#watched.delete(node);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function newUse(content: number, suspected: boolean): DirectUse {
  return { content, users: 0, writers: 0, suspected, written: false, endedAt: 0, mapped: false };
}
