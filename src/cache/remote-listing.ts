import { isStoreError, StoreError } from '../store/errors.ts';
import { nameOf } from '../store/path.ts';
import type { Entry, FileEntry, Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { isStoredLink } from './link-names.ts';
import { type Node, rootNode, type Synced } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { RemoteActivity } from './remote-activity.ts';
import type { Tree } from './tree.ts';
import { takeVersion } from './succession.ts';
import { vanish } from './vanish.ts';

/** How what the store lists appears in the tree. */
export interface RemoteListingOptions {
  /** Milliseconds for which a listing is believed. */
  readonly metadataTime: number;
  /** Permission bits of what the store knows and the user never changed. */
  readonly fileMode: number;
  readonly directoryMode: number;
  readonly uid: number;
  readonly gid: number;
  readonly onChange: (change: TreeChange) => void;
  /** Somebody waits until it is known where a node is at the store. */
  readonly onWait: () => void;
}

/** So long is waited for a move under way before its directory can be listed or read. */
const movingTime = 10_000;
/** After a failed listing, what is known is served for so long without asking again. */
const offlineTime = 10_000;

/**
 * What the store has, brought into the tree: a directory is listed when somebody looks into it and the last listing is too
 * old. Only a whole listing removes anything, only what is clean, and never a name that we were changing meanwhile. Where the
 * store cannot be reached, what was known stays.
 */
export class RemoteListing {
  readonly #tree: Tree;
  readonly #store: Store;
  readonly #contents: ContentHolder;
  readonly #activity: RemoteActivity;
  readonly #options: RemoteListingOptions;
  readonly #running = new Map<Node, Promise<void>>();
  readonly #failedAt = new Map<Node, number>();

  constructor(
    tree: Tree,
    store: Store,
    contents: ContentHolder,
    activity: RemoteActivity,
    options: RemoteListingOptions,
  ) {
    this.#tree = tree;
    this.#store = store;
    this.#contents = contents;
    this.#activity = activity;
    this.#options = options;
  }

  /** Whether the names in a directory may be believed without asking. A directory that only exists here always may. */
  isFresh(directory: Node): boolean {
    return this.freshFor(directory) > 0;
  }

  /** Milliseconds for which they may still be believed. */
  freshFor(directory: Node): number {
    if (directory.synced === null && directory.id !== rootNode) return this.#options.metadataTime;
    const now = Date.now();
    const listing = directory.listedAt + this.#options.metadataTime - now;
    if (listing > 0 || directory.listedAt === 0) return listing;
    return (this.#failedAt.get(directory) ?? 0) + offlineTime - now;
  }

  /**
   * Lists a directory now and merges the answer. Callers at the same time share one listing. Rejects only where nothing is
   * known at all; an older listing is served while the store cannot be reached.
   */
  refresh(directory: Node): Promise<void> {
    let running = this.#running.get(directory);
    if (running === undefined) {
      running = this.#list(directory).finally(() => this.#running.delete(directory));
      this.#running.set(directory, running);
    }
    return running;
  }

  /** As `refresh`, but never content with a listing that began before this call; nothing for a directory that is gone. */
  async refreshAgain(id: number): Promise<void> {
    const directory = this.#tree.find(id);
    if (directory === undefined) return;
    await this.#running.get(directory)?.catch(() => undefined);
    await this.refresh(directory);
  }

  async #list(directory: Node): Promise<void> {
    const watch = this.#activity.watch(directory.id);
    const above = this.#watchAbove(directory);
    try {
      const entries = await this.#ask(directory);
      const moved = above.find(({ unreliable, name }) => unreliable.has(name));
      if (moved !== undefined) return await this.#listMoved(directory, moved);
      if (entries instanceof StoreError) throw entries;
      this.#failedAt.delete(directory);
      if (directory.synced !== null || directory.id === rootNode) this.#merge(directory, entries, watch.unreliable);
    } catch (error) {
      if (!isStoreError(error)) throw error;
      await this.#explain(directory, error);
    } finally {
      watch.end();
      for (const { end } of above) end();
    }
  }

  /** All entries, or the failure that says that the directory is not there. */
  async #ask(directory: Node): Promise<Entry[] | StoreError> {
    try {
      return await Array.fromAsync(this.#store.list(this.#tree.syncedPathOf(directory)));
    } catch (error) {
      if (isStoreError(error, 'NotFound') || isStoreError(error, 'NotADirectory')) return error;
      throw error;
    }
  }

  /** Watches the positions of a directory and of all above it. */
  #watchAbove(directory: Node): WatchedPosition[] {
    const above: WatchedPosition[] = [];
    for (const { parent, name } of this.#positionsAbove(directory))
      above.push({ ...this.#activity.watch(parent), parent, name });
    return above;
  }

  /** While a directory is moved, its old path may show some of its names, or those of another one. What is known is served. */
  async #listMoved(directory: Node, { parent, name }: WatchedPosition): Promise<void> {
    if (directory.listedAt !== 0) {
      this.#failedAt.set(directory, Date.now());
      return;
    }
    await this.#whenEnded({ parent, name });
    if (directory.synced !== null) await this.#list(directory);
  }

  /**
   * Resolves when neither the node nor a directory above it is being moved at the store. Throws `Unavailable` when that takes
   * too long, for example because nobody knows where it is while the store cannot be reached.
   */
  async whenPlaced(node: Node): Promise<void> {
    for (const position of this.#positionsAbove(node)) await this.#whenEnded(position);
  }

  /** Where the store has a node and the directories above it, as far up as they are known. */
  *#positionsAbove(node: Node): Generator<Synced> {
    for (let at: Node | undefined = node; at?.synced; at = this.#aboveOf(at)) yield at.synced;
  }

  #aboveOf({ synced }: Node): Node | undefined {
    return synced === null ? undefined : this.#tree.find(synced.parent);
  }

  async #whenEnded({ parent, name }: { readonly parent: number; readonly name: string }): Promise<void> {
    const ended = this.#activity.ended(parent, name);
    if (ended === undefined) return;
    this.#options.onWait();
    const { promise, reject } = Promise.withResolvers<never>();
    const late = (): void => reject(new StoreError('Unavailable', { path: name, message: 'it is being moved' }));
    const timer = setTimeout(late, movingTime);
    await Promise.race([ended, promise]).finally(() => clearTimeout(timer));
  }

  /** A directory that is gone at the store is gone when its parent's listing says so; other failures leave what is known. */
  async #explain(directory: Node, error: StoreError): Promise<void> {
    if ((error.code === 'NotFound' || error.code === 'NotADirectory') && directory.synced !== null) {
      const above = this.#aboveOf(directory);
      if (above !== undefined) await this.refresh(above);
      else if (!directory.sending) this.vanished(directory);
      if (!isLive(directory) || directory.synced === null) return;
    }
    if (directory.listedAt === 0) throw error;
    this.#failedAt.set(directory, Date.now());
  }

  #merge(directory: Node, entries: readonly Entry[], unreliable: ReadonlySet<string>): void {
    const changes: TreeChange[] = [];
    const isFirst = directory.listedAt === 0;
    this.#tree.transaction(() => {
      const known = this.#knownIn(directory);
      for (const entry of entries) {
        const name = nameOf(entry.path);
        const node = known.get(name);
        known.delete(name);
        if (unreliable.has(name)) continue;
        if (node !== undefined && node.kind !== entry.kind) this.#vanished(node, changes);
        if (node === undefined || node.kind !== entry.kind) this.#appeared(directory, name, entry, changes);
        else if (entry.kind === 'file') this.#seenAgain(node, entry, changes);
      }
      for (const [name, node] of known) if (!unreliable.has(name)) this.#vanished(node, changes);
      directory.listedAt = Date.now();
      this.#tree.save(directory);
    });
    // Of names that nobody could look up before there is nothing to tell.
    for (const change of changes) if (!isFirst || change.kind !== 'added') this.#options.onChange(change);
  }

  #knownIn(directory: Node): Map<string, Node> {
    const known = new Map<string, Node>();
    for (const id of this.#tree.table.syncedChildren(directory.id)) {
      const node = this.#tree.node(id);
      if (node.synced?.parent === directory.id) known.set(node.synced.name, node);
    }
    return known;
  }

  #appeared(directory: Node, name: string, entry: Entry, changes: TreeChange[]): void {
    if (!isLive(directory)) return;
    const standing = this.#tree.children(directory).get(name);
    if (standing !== undefined) {
      // Both sides made the directory: it is one. A file here that is not sent yet meets theirs when it is sent.
      if (standing.kind === 'directory' && entry.kind === 'directory' && standing.synced === null) {
        standing.synced = { parent: directory.id, name, size: 0, modified: entry.modified ?? 0 };
        // Long ago, but not never: names in it were looked up.
        standing.listedAt = 1;
        standing.version++;
        this.#tree.save(standing);
      }
      return;
    }
    const { fileMode, directoryMode, uid, gid } = this.#options;
    const node = this.#tree.add(directory, name, entry.kind, (made) => {
      made.size = entry.kind === 'file' ? entry.size : 0;
      made.modified = made.changed = entry.modified ?? Date.now();
      made.mode = entry.kind === 'file' ? fileMode : directoryMode;
      made.readAt = made.modified;
      made.uid = uid;
      made.gid = gid;
      made.link = entry.kind === 'file' && isStoredLink(name, entry.size);
      made.synced = syncedAs(directory.id, name, entry);
    });
    changes.push({ kind: 'added', node: node.id, directory: directory.id, name: node.shownName });
  }

  #seenAgain(node: Node, entry: FileEntry, changes: TreeChange[]): void {
    const { synced } = node;
    if (synced === null) return;
    if (isSameVersion(synced, entry)) {
      if (synced.revision === entry.revision) return;
      node.synced = { ...synced, revision: entry.revision };
      this.#tree.save(node);
      return;
    }
    this.#contents.direct.look(node);
    // Ours is newer than theirs was: both are kept, when ours is sent on the condition of the version we know.
    if (node.contentDirty || node.sending || !isLive(node)) return;
    if (this.#contents.direct.isWritten(node)) return;
    const next = takeVersion(node, syncedAs(synced.parent, synced.name, entry), this.#tree, this.#contents, changes);
    if (next.link && !isStoredLink(synced.name, entry.size)) this.#endLink(next, changes);
  }

  /** What replaced a symbolic link at the store is no target of one: it shows as the file that it is. */
  #endLink(node: Node, changes: TreeChange[]): void {
    const directory = node.parent as number;
    changes.push({ kind: 'removed', node: node.id, directory, name: node.shownName });
    node.link = false;
    this.#tree.save(node);
    changes.push({ kind: 'added', node: node.id, directory, name: node.shownName });
  }

  /** The store has a node no more, nor anything below it: the tree follows. */
  vanished(node: Node): void {
    const changes: TreeChange[] = [];
    this.#tree.transaction(() => vanish(node, this.#tree, this.#contents, changes));
    for (const change of changes) this.#options.onChange(change);
  }

  #vanished(node: Node, changes: TreeChange[]): void {
    if (!node.sending) vanish(node, this.#tree, this.#contents, changes);
  }
}

/** A position, with the names in its directory that were changed since the watch began. */
interface WatchedPosition {
  readonly parent: number;
  readonly name: string;
  readonly unreliable: ReadonlySet<string>;
  readonly end: () => void;
}

/** What the store says of an entry, as a node remembers it. */
export function syncedAs(parent: number, name: string, entry: Entry): NonNullable<Node['synced']> {
  if (entry.kind === 'directory') return { parent, name, size: 0, modified: entry.modified ?? 0 };
  return { parent, name, revision: entry.revision, size: entry.size, modified: entry.modified };
}

/** Whether an entry is the version that a node remembers: by revision where the store has them, else by size and time. */
export function isSameVersion(synced: NonNullable<Node['synced']>, entry: FileEntry): boolean {
  if (synced.revision !== undefined && entry.revision !== undefined) return synced.revision === entry.revision;
  return synced.size === entry.size && synced.modified === entry.modified;
}
