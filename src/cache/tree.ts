import type { Database } from '../database/database.ts';
import { StoreError } from '../store/errors.ts';
import type { BadRows } from './bad-rows.ts';
import { diskFull } from './disk-full.ts';
import { isDirty, isLive } from './changes.ts';
import type { GrowingListing } from './growing-listing.ts';
import { LoadedDirectories } from './loaded-directories.ts';
import { LoadedNodes } from './loaded-nodes.ts';
import { settleLinks } from './link-names.ts';
import { Node, rootNode } from './node.ts';
import { NodeTable } from './node-table.ts';
import { NodeTimes } from './node-times.ts';
import type { UsualAttributes } from './usual-attributes.ts';

/**
 * The namespace as the user sees it, in memory over the database. A directory's children are loaded when it is first
 * looked into; a dirty node is always loaded.
 *
 * Nothing here knows the service: who calls has seen to it that the directory is known. Each changing method commits before
 * it returns.
 */
export class Tree {
  readonly table: NodeTable;
  readonly root: Node;
  /** The database knew nothing, not even the root. */
  readonly isNew: boolean;
  /** Every loaded node that differs from the store. */
  readonly dirty: Set<Node> = new Set();
  readonly times: NodeTimes;
  readonly #database: Database;
  readonly #nodes = new LoadedNodes();
  readonly #directories: LoadedDirectories;
  readonly #onDirty: (node: Node) => void;
  #afterCommit: (() => void)[] | undefined;
  #makeRoom: (isRemoval: boolean) => boolean = () => false;
  #numbers: { from: number; readonly to: number };

  /** `onDirty` is called after a node was committed as different from the store; `usual` is for a new root. */
  constructor(database: Database, onDirty: (node: Node) => void, usual: UsualAttributes, badRows?: BadRows) {
    this.#database = database;
    this.#onDirty = onDirty;
    this.table = new NodeTable(database, badRows);
    this.times = new NodeTimes({
      transaction: (work) => this.transaction(work),
      save: (node) => isLive(node) && this.#nodes.get(node.id) === node && this.table.save(node),
    });
    this.#directories = new LoadedDirectories(this.table, this.#nodes, {
      isNeeded: (node) => this.dirty.has(node) || this.times.has(node) || node.isInUse,
      saveTimes: () => this.times.save(),
    });
    this.#numbers = this.table.reserveNumbers();
    this.isNew = this.find(rootNode) === undefined;
    this.root = this.find(rootNode) ?? this.#makeRoot(usual);
    for (const node of this.table.dirty()) {
      if (!this.#nodes.has(node.id)) this.#nodes.hold(node);
      this.#noteDirty(this.node(node.id));
    }
  }

  #makeRoot({ directoryMode: mode, uid, gid }: UsualAttributes): Node {
    const root = Object.assign(new Node(rootNode, 'directory'), { mode, uid, gid });
    root.modified = root.changed = Date.now();
    this.#nodes.hold(root);
    this.table.save(root);
    return root;
  }

  /** All of `work`'s commits as one. */
  transaction<T>(work: () => T): T {
    if (this.#afterCommit !== undefined) return work();
    const steps: (() => void)[] = [];
    this.#afterCommit = steps;
    let result: T;
    try {
      result = this.#database.transaction(work);
    } catch (error) {
      throw diskFull(error) ?? error;
    } finally {
      this.#afterCommit = undefined;
    }
    for (const step of steps) step();
    return result;
  }

  /** Takes `step` when what is being changed is committed, and never if it is not: at once outside of a transaction. */
  afterCommit(step: () => void): void {
    if (this.#afterCommit === undefined) step();
    else this.#afterCommit.push(step);
  }

  /** `makeRoom` is asked for room on a full disk before a commit fails; it answers whether trying again makes sense. */
  whenFull(makeRoom: (isRemoval: boolean) => boolean): void {
    this.#makeRoom = makeRoom;
  }

  makeDurable(): Promise<void> {
    return this.#database.makeDurable();
  }

  makeDurableNow(): void {
    this.#database.makeDurableNow();
  }

  find(id: number): Node | undefined {
    let node = this.#nodes.get(id);
    if (node === undefined) {
      node = this.table.load(id);
      if (node !== undefined) this.#nodes.holdShortly(node);
    }
    return node;
  }

  /** Throws `NotFound`. */
  node(id: number): Node {
    const node = this.find(id);
    if (node === undefined) throw new StoreError('NotFound', { message: `node ${id} is gone` });
    return node;
  }

  /** Throws `NotFound`, or `NotADirectory`. */
  directory(id: number): Node {
    const node = this.node(id);
    if (node.kind !== 'directory') throw new StoreError('NotADirectory', { path: this.pathOf(node) });
    return node;
  }

  children(directory: Node): Map<string, Node> {
    return this.#directories.children(directory);
  }

  /** Loads the children of a large directory piece by piece; undefined when they are loaded. */
  load(directory: Node): Promise<void> | undefined {
    return this.#directories.load(directory);
  }

  /** The children as they are loaded. */
  read(directory: Node): GrowingListing {
    return this.#directories.read(directory);
  }

  /** Where the user sees it; for what was removed, where the store has it, or just its name where that is gone too. */
  pathOf(node: Node): string {
    if (node.id === rootNode) return '/';
    if (node.parent === null) {
      const isThere = node.synced !== null && this.isReachable(node.synced.parent);
      return isThere ? this.syncedPathOf(node) : `/${node.name}`;
    }
    const above = this.pathOf(this.node(node.parent));
    return above === '/' ? `/${node.name}` : `${above}/${node.name}`;
  }

  /** Whether a directory is at the store, as far as is known. */
  isReachable(directory: number): boolean {
    for (let at = directory; at !== rootNode; ) {
      const synced = this.find(at)?.synced ?? null;
      if (synced === null) return false;
      at = synced.parent;
    }
    return true;
  }

  /** Where the store has it now. Throws `NotFound` when it, or a directory above it, is not at the store. */
  syncedPathOf(node: Node): string {
    if (node.id === rootNode) return '/';
    if (node.synced === null)
      throw new StoreError('NotFound', { path: `/${node.name}`, message: 'it is not at the store' });
    const above = this.syncedPathOf(this.node(node.synced.parent));
    return above === '/' ? `/${node.synced.name}` : `${above}/${node.synced.name}`;
  }

  /** Whether `node` is `directory` or somewhere below it, as the user sees them. */
  isWithin(node: Node, directory: Node): boolean {
    for (
      let at: Node | undefined = node;
      at !== undefined;
      at = at.parent === null ? undefined : this.find(at.parent)
    ) {
      if (at === directory) return true;
    }
    return false;
  }

  /** Makes a node; `fill` sets the rest before it is committed. */
  add(directory: Node, name: string, kind: 'file' | 'directory', fill: (node: Node) => void): Node {
    const node = new Node(this.#nextNumber(), kind);
    node.parent = directory.id;
    node.name = name;
    fill(node);
    this.#settleLinks(directory, node);
    this.children(directory).set(name, node);
    this.#directories.hold(node);
    this.touch(directory);
    try {
      this.save(node);
    } catch (error) {
      this.children(directory).delete(name);
      this.#nodes.delete(node.id);
      throw error;
    }
    return node;
  }

  #nextNumber(): number {
    if (this.#numbers.from === this.#numbers.to) this.#numbers = this.table.reserveNumbers();
    return ++this.#numbers.from;
  }

  /** Takes a node out of its directory. What the store does not have either is forgotten. */
  detach(node: Node): void {
    this.#leaveParent(node);
    node.parent = null;
    node.version++;
    this.save(node);
  }

  /** Puts a node under another name, which must be free. */
  relocate(node: Node, directory: Node, name: string): void {
    this.#leaveParent(node);
    node.parent = directory.id;
    node.name = name;
    node.version++;
    this.#settleLinks(directory, node);
    this.children(directory).set(name, node);
    this.touch(directory);
    this.save(node);
  }

  #settleLinks(directory: Node, arriving: Node): void {
    const covered = settleLinks(this.children(directory), arriving);
    if (covered !== undefined) this.save(covered);
  }

  #leaveParent(node: Node): void {
    const parent = node.parent === null ? undefined : this.find(node.parent);
    if (parent === undefined) return;
    this.children(parent).delete(node.name);
    this.touch(parent);
  }

  /** A directory's own times follow its names. They are kept in memory and saved with the directory's next change, or with others. */
  touch(directory: Node): void {
    directory.modified = directory.changed = Date.now();
    this.times.note(directory);
  }

  /**
   * Commits a node as it is now, and sees whether it must be sent or can be forgotten: a removed node that the store does
   * not have, and that nobody has open, leaves the tree.
   */
  save(node: Node): void {
    const dirty = isDirty(node);
    if (!dirty && !isLive(node)) {
      if (!this.#nodes.has(node.id)) return;
      node.version++;
      this.#commit(node, () => this.table.remove(node.id));
      this.dirty.delete(node);
      if (node.opens === 0 && !node.sending) this.#nodes.delete(node.id);
      return;
    }
    if (dirty && !this.dirty.has(node)) node.dirtiedAt = Date.now();
    this.#commit(node, () => this.table.save(node));
    if (dirty) this.#noteDirty(node);
    else this.dirty.delete(node);
  }

  #commit(node: Node, write: () => void): void {
    try {
      write();
    } catch (error) {
      const full = diskFull(error);
      if (full === undefined) throw error;
      // Within a transaction SQLite may have rolled back what came before.
      if (this.#afterCommit !== undefined || !this.#makeRoom(!isLive(node))) throw full;
      write();
    }
  }

  /** Commits when contents were last opened and directories changed, now. */
  saveTimes(): void {
    for (const _ of this.times.save());
  }

  /** Commits what is left, and does nothing by itself any more. */
  close(): void {
    this.#directories.close();
    this.saveTimes();
  }

  /** Forgets a node that is gone for good. Children that are loaded go with their directory. */
  forget(node: Node): void {
    this.table.remove(node.id);
    this.dirty.delete(node);
    this.#nodes.delete(node.id);
  }

  #noteDirty(node: Node): void {
    this.dirty.add(node);
    this.#onDirty(node);
  }
}
