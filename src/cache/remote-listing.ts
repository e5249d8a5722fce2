import { isStoreError, StoreError } from '../store/errors.ts';
import type { Entry, FileEntry, Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { eachPiece } from './each-piece.ts';
import { Freshness } from './freshness.ts';
import { GrowingListing } from './growing-listing.ts';
import { ListingMerge, type ListingMergeOptions } from './listing-merge.ts';
import type { Node } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { RemoteActivity } from './remote-activity.ts';
import { RemotePositions, type WatchedPosition } from './remote-positions.ts';
import { followStore, seenAgain, type SeenAgainParts } from './seen-again.ts';
import { adoptModified, isSameVersion } from './synced-entry.ts';
import type { Tree } from './tree.ts';
import { vanish } from './vanish.ts';

/** How what the store lists appears in the tree. */
export interface RemoteListingOptions extends ListingMergeOptions {
  /** Milliseconds for which a listing is believed. */
  readonly metadataTime: number;
  /** Milliseconds after which it is not waited for any longer whether names are files. */
  readonly timeout: number;
  /** Somebody waits until it is known where a node is at the store. */
  readonly onWait: () => void;
}

/** How a directory is listed. */
interface ListingManner {
  /** Gets the names of a first listing as they come. */
  readonly arriving: GrowingListing | undefined;
  /** Without a look at single names. */
  readonly isQuick: boolean;
}

interface RunningListing extends ListingManner {
  readonly done: Promise<void>;
  /** Resolves when it has taken longer than `patience`. */
  readonly late: Promise<void>;
}

/** `Node.listedAt` of what was listed, and is not believed any more. */
const doubted = 1;
/** So long a listing is waited for where an older one is known. Most services answer in less; people notice more. */
const patience = 1000;

/**
 * What the store has, brought into the tree: a directory is listed when somebody looks into it and the last listing is too
 * old. Only a whole listing removes anything, only what is clean, and never a name that we were changing meanwhile. Where the
 * store cannot be reached, what was known stays.
 */
export class RemoteListing {
  readonly freshness: Freshness;
  readonly #tree: Tree;
  readonly #store: Store;
  readonly #contents: ContentHolder;
  readonly #activity: RemoteActivity;
  readonly #positions: RemotePositions;
  readonly #options: RemoteListingOptions;
  readonly #seenAgainParts: SeenAgainParts;
  readonly #running = new Map<Node, RunningListing>();
  /** Those whose listing takes longer than `patience`. */
  readonly #late = new Set<Node>();

  constructor(
    tree: Tree,
    store: Store,
    contents: ContentHolder,
    activity: RemoteActivity,
    options: RemoteListingOptions,
  ) {
    this.freshness = new Freshness(options.metadataTime);
    this.#tree = tree;
    this.#store = store;
    this.#contents = contents;
    this.#activity = activity;
    this.#positions = new RemotePositions(tree, activity, options.onWait);
    this.#options = options;
    this.#seenAgainParts = { tree, contents, fileMode: options.fileMode };
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

  /**
   * What has arrived of the first listing of a directory, which begins now where none is under way. It is told at once, and a
   * failure ends it. Undefined for a directory that was listed before: an older listing is served whole.
   */
  arriving(directory: Node): GrowingListing | undefined {
    return directory.listedAt === 0 ? this.#run(directory).arriving : undefined;
  }

  /** Whether a first listing is under way, so that what it has told may be believed. */
  isArriving(directory: Node): boolean {
    return directory.listedAt === 0 && this.#running.has(directory);
  }

  /** Resolves when neither the node nor a directory above it is being moved at the store; see `RemotePositions`. */
  whenPlaced(node: Node): Promise<void> {
    return this.#positions.whenPlaced(node);
  }

  /** As `refresh`, and afterwards it is known of every name whether it is a file, as far as the store can be reached in time. */
  async refreshSurely(directory: Node): Promise<void> {
    let running = this.#running.get(directory);
    while (running?.isQuick === true) {
      await running.done;
      running = this.#running.get(directory);
    }
    const { done } = running ?? this.#run(directory, false);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(2 ** 31 - 1, this.#options.timeout));
    await Promise.race([done, late]).finally(() => clearTimeout(timer));
  }

  #run(directory: Node, isQuick = true): RunningListing {
    const running = this.#running.get(directory);
    if (running !== undefined) return running;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      // One that looks at names takes its time without anybody waiting for it.
      if (isQuick) this.#late.add(directory);
      resolve();
    }, patience);
    const arriving = directory.listedAt === 0 ? new GrowingListing() : undefined;
    const done = this.#list(directory, { arriving, isQuick })
      .finally(() => {
        clearTimeout(timer);
        this.#late.delete(directory);
        this.#running.delete(directory);
      })
      // Nobody waits for the look: what it finds is told as a change at the store.
      .then((isUnsure) => void (isUnsure && this.#run(directory, false)));
    // Who did not wait for it does not hear of its failure.
    done.then(() => this.#allArrived(directory, arriving)).catch((error: unknown) => arriving?.fail(error));
    const made = { arriving, isQuick, done, late };
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

  /** What is known of a directory is not believed any more, nor what a listing that is under way tells. */
  expire(directory: Node): void {
    this.#doubt(directory);
    const again = (): void => this.#doubt(directory);
    this.#running.get(directory)?.done.then(again, again);
  }

  /** Something in a directory was changed by others: lists it again, unless nobody ever looked there. */
  async listChanged(directory: Node): Promise<void> {
    const running = this.#running.get(directory);
    this.expire(directory);
    await running?.done.catch(() => undefined);
    if (directory.listedAt !== 0 && isLive(directory)) await this.refresh(directory);
  }

  /** Resolves when the listings that are under way now are over. */
  async whenListed(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  #doubt(directory: Node): void {
    if (directory.listedAt <= doubted || this.#tree.find(directory.id) !== directory) return;
    directory.listedAt = doubted;
    this.#tree.save(directory);
  }

  /** Whether some name must be looked at, to know whether it is a file. */
  async #list(directory: Node, how: ListingManner): Promise<boolean> {
    const { arriving, isQuick } = how;
    const watch = this.#activity.watch(directory.id);
    const above = this.#positions.watchAbove(directory);
    const movedAbove = (): WatchedPosition | undefined => above.find(({ unreliable, name }) => unreliable.has(name));
    const parts = { tree: this.#tree, contents: this.#contents, options: this.#options };
    const merge = new ListingMerge(parts, directory, watch.unreliable);
    try {
      if (arriving !== undefined) await merge.begin();
      const later: Entry[] = [];
      const failure = await this.#ask(directory, isQuick, (entries) => {
        if (arriving === undefined) for (const entry of entries) later.push(entry);
        else if (movedAbove() === undefined) arriving.add(merge.meet(entries).filter((node) => isNews(node, arriving)));
      });
      const moved = movedAbove();
      if (moved !== undefined) return await this.#listMoved(directory, moved, how);
      if (failure !== undefined) throw failure;
      this.freshness.succeeded(directory);
      if (arriving === undefined) await merge.begin();
      await eachPiece(later, (entries) => void merge.meet(entries));
      await merge.end();
      return isQuick && merge.isUnsure;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      await this.#explain(directory, error);
      return false;
    } finally {
      watch.end();
      for (const { end } of above) end();
    }
  }

  /** What was not told as it came: symbolic links, and what is only here. */
  #allArrived(directory: Node, arriving: GrowingListing | undefined): void {
    if (arriving === undefined) return;
    arriving.add([...this.#tree.children(directory).values()].filter((node) => !arriving.has(node)));
    arriving.end();
  }

  /** Takes all entries; the failure that says that the directory is not there is the answer. */
  async #ask(
    directory: Node,
    quick: boolean,
    take: (entries: readonly Entry[]) => void,
  ): Promise<StoreError | undefined> {
    try {
      await eachPiece(this.#store.list(this.#tree.syncedPathOf(directory), { quick }), take);
      return undefined;
    } catch (error) {
      if (isStoreError(error, 'NotFound') || isStoreError(error, 'NotADirectory')) return error;
      throw error;
    }
  }

  /** While a directory is moved, its old path may show some of its names, or those of another one. What is known is served. */
  async #listMoved(directory: Node, { parent, name }: WatchedPosition, how: ListingManner): Promise<boolean> {
    if (directory.listedAt !== 0) {
      this.freshness.failed(directory);
      return false;
    }
    await this.#positions.whenEnded({ parent, name });
    return directory.synced !== null && (await this.#list(directory, how));
  }

  /** A directory that is gone at the store is gone when its parent's listing says so; other failures leave what is known. */
  async #explain(directory: Node, error: StoreError): Promise<void> {
    if ((error.code === 'NotFound' || error.code === 'NotADirectory') && directory.synced !== null) {
      const above = this.#positions.aboveOf(directory);
      if (above !== undefined) await this.refresh(above);
      else if (!directory.sending) this.vanished(directory);
      if (!isLive(directory) || directory.synced === null) return;
    }
    if (directory.listedAt === 0) throw error;
    this.freshness.failed(directory);
  }

  /** The store told of a version of a file that is known, with its exact time, as listings may not. */
  told(node: Node, entry: FileEntry): void {
    this.#tell((changes) => {
      seenAgain(node, entry, this.#seenAgainParts, changes);
      const { synced } = node;
      if (synced === null || !isSameVersion(synced, entry) || synced.modified === entry.modified) return;
      if (adoptModified(node, entry)) changes.push({ kind: 'attributes', node: node.id });
      this.#tree.save(node);
    });
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

/** Links are told at the end: a file that is told later may have the link's own name, which makes the link a plain file. */
function isNews(node: Node, arriving: GrowingListing): boolean {
  return !node.link && !arriving.has(node);
}
