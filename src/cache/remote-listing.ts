import { isStoreError, StoreError } from '../store/errors.ts';
import type { Entry, FileEntry, Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { ListingMerge, type ListingMergeOptions } from './listing-merge.ts';
import { nextTurn, atOnce } from './turns.ts';
import { type Node, rootNode, type Synced } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { RemoteActivity } from './remote-activity.ts';
import { followStore, seenAgain, type SeenAgainParts } from './seen-again.ts';
import type { Tree } from './tree.ts';
import { vanish } from './vanish.ts';

/** How what the store lists appears in the tree. */
export interface RemoteListingOptions extends ListingMergeOptions {
  /** Milliseconds for which a listing is believed. */
  readonly metadataTime: number;
  /** Somebody waits until it is known where a node is at the store. */
  readonly onWait: () => void;
}

interface RunningListing {
  readonly done: Promise<void>;
  /** Resolves when it has taken longer than `patience`. */
  readonly late: Promise<void>;
}

/** So long is waited for a move under way before its directory can be listed or read. */
const movingTime = 10_000;
/** So long a listing is waited for where an older one is known. Most services answer in less; people notice more. */
const patience = 1000;
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
  readonly #merge: ListingMerge;
  readonly #seenAgainParts: SeenAgainParts;
  readonly #running = new Map<Node, RunningListing>();
  /** Those whose listing takes longer than `patience`. */
  readonly #late = new Set<Node>();
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
    this.#merge = new ListingMerge(tree, contents, options);
    this.#seenAgainParts = { tree, contents, fileMode: options.fileMode };
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
    return this.#run(directory).done;
  }

  /**
   * As `refresh`, for whoever would rather see an older listing than wait for a service that hangs: where one is known, it
   * is waited for `patience` at most, and not at all while the service lets somebody else wait for longer than that.
   */
  refreshSoon(directory: Node): Promise<void> | undefined {
    const { done, late } = this.#run(directory);
    if (directory.listedAt === 0) return done;
    return this.#late.size > 0 ? undefined : Promise.race([done, late]);
  }

  #run(directory: Node): RunningListing {
    const running = this.#running.get(directory);
    if (running !== undefined) return running;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#late.add(directory);
      resolve();
    }, patience);
    const done = this.#list(directory).finally(() => {
      clearTimeout(timer);
      this.#late.delete(directory);
      this.#running.delete(directory);
    });
    // Who did not wait for it does not hear of its failure.
    done.catch(() => undefined);
    const made = { done, late };
    this.#running.set(directory, made);
    return made;
  }

  /** As `refresh`, but never content with a listing that began before this call; nothing for a directory that is gone. */
  async refreshAgain(id: number): Promise<void> {
    const directory = this.#tree.find(id);
    if (directory === undefined) return;
    await this.#running.get(directory)?.done.catch(() => undefined);
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
      if (directory.synced !== null || directory.id === rootNode)
        await this.#merge.run(directory, entries, watch.unreliable);
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
      return await collected(this.#store.list(this.#tree.syncedPathOf(directory)));
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

  /** The store told of a version of a file that is known. */
  told(node: Node, entry: FileEntry): void {
    this.#tell((changes) => seenAgain(node, entry, this.#seenAgainParts, changes));
  }

  /** The store has another version of a file than was known: the tree follows, unless the file was changed here. */
  replaced(node: Node, entry: FileEntry): void {
    this.#tell((changes) => followStore(node, entry, this.#seenAgainParts, changes));
  }

  /** The store has a node no more, nor anything below it: the tree follows. */
  vanished(node: Node): void {
    this.#tell((changes) => vanish(node, this.#tree, this.#contents, changes));
  }

  #tell(work: (changes: TreeChange[]) => void): void {
    const changes: TreeChange[] = [];
    this.#tree.transaction(() => work(changes));
    for (const change of changes) this.#options.onChange(change);
  }
}

/** A position, with the names in its directory that were changed since the watch began. */
interface WatchedPosition {
  readonly parent: number;
  readonly name: string;
  readonly unreliable: ReadonlySet<string>;
  readonly end: () => void;
}

/** All of a listing. However much of it has come already, others get their turn meanwhile. */
async function collected(listed: AsyncIterable<Entry>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of listed) if (entries.push(entry) % (4 * atOnce) === 0) await nextTurn();
  return entries;
}
