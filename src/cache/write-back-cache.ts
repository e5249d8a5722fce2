import { makeClosedDirectory } from '../database/closed-file.ts';
import { ExclusiveLock } from '../database/exclusive-lock.ts';
import { isStoreError } from '../store/errors.ts';
import type { Capabilities, Store } from '../store/store.ts';
import { cacheStatistics, pendingChanges } from './cache-figures.ts';
import { readAheadOf, type WriteBackCacheOptions, withDefaults } from './cache-options.ts';
import { type CacheParts, openCacheParts } from './cache-parts.ts';
import type { CacheStatistics, DrainOptions, PendingChange, Problem } from './cache-report.ts';
import { CachedMetadata } from './cached-metadata.ts';
import { CachedStore } from './cached-store.ts';
import { LinkTree } from './link-tree.ts';
import type { NodeTree } from './node-tree.ts';
import { markClosed, markOpen } from './recovery.ts';
import type { Uploads } from './upload-control.ts';

export type { Uploads } from './upload-control.ts';
export type { WriteBackCacheOptions } from './cache-options.ts';

/**
 * Opens a write-back cache over a store: writes are done when they are on this machine's disk, and sent in the background,
 * coalesced and in order. Unsent changes survive crashes; the next cache on the same directory continues. Nobody but its owner can look
 * into the directory, whatever the umask.
 *
 * Throws `DirectoryInUseError`, `NewerDatabaseError`, or the error of the file system that holds the directory.
 */
export function withWriteBackCache(store: Store, options: WriteBackCacheOptions): WriteBackCache {
  makeClosedDirectory(options.directory);
  const lock = new ExclusiveLock(options.directory);
  try {
    return new WriteBackCache(store, openCacheParts(store, withDefaults(options)), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A write-back cache: a `Store` for programs, a `NodeTree` for a mount, over the same files. Made by `withWriteBackCache`. */
export class WriteBackCache extends CachedStore {
  readonly tree: NodeTree;
  /** What people may ask of the uploads. */
  readonly uploads: Uploads;
  readonly #parts: CacheParts;
  readonly #lock: ExclusiveLock;
  #closing: Promise<void> | undefined;

  /** @internal use `withWriteBackCache` */
  constructor(store: Store, parts: CacheParts, lock: ExclusiveLock) {
    const { tree, holder, quarantine, fetcher, recheck, cacheTree, settings, remote, uploader, feed } = parts;
    const { maxFileSize, partialFrom } = remote.capabilities;
    super(`cache(${store.name})`, {
      tree,
      holder,
      quarantine,
      fetcher,
      maxFileSize,
      partialFrom,
      readAhead: readAheadOf(settings),
      cacheTree,
      refusedNames: () => remote.capabilities.refusedNames,
      metadata: new CachedMetadata({ tree, store: remote, fileMode: settings.fileMode, recheck }),
      usual: settings,
    });
    this.tree = new LinkTree(cacheTree, tree);
    this.uploads = parts.control;
    this.#parts = parts;
    this.#lock = lock;
    markOpen(settings.directory);
    uploader.start();
    feed.start();
  }

  get capabilities(): Capabilities {
    return capabilitiesOver(this.#parts.remote.capabilities);
  }

  /**
   * Sends everything now. Resolves when nothing that was changed before the call is left; rejects with `DrainError` when
   * something cannot be sent, or with the signal's reason.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    this.#parts.holder.direct.lookAtAll();
    return this.#parts.uploader.drain(options);
  }

  /** What is not sent yet, oldest change first. */
  pending(): PendingChange[] {
    this.#parts.holder.direct.lookAtAll();
    return pendingChanges(this.#parts);
  }

  /** What a person should know of, oldest first. */
  problems(): readonly Problem[] {
    return this.#parts.problems.all();
  }

  /** What happened since the cache was opened, and what it holds. */
  statistics(): CacheStatistics {
    this.#parts.holder.direct.lookAtAll();
    return cacheStatistics(this.#parts);
  }

  /** Commits everything and closes the store below. What is not sent stays in the directory; call `drain` before to send it. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { fetcher, uploader, feed, tree, holder, database, settings, reach } = this.#parts;
    reach.close();
    fetcher.close();
    await feed.close();
    await uploader.close();
    try {
      asFarAsRoom(() => tree.close());
      asFarAsRoom(() => holder.close());
      asFarAsRoom(() => {
        for (const node of tree.dirty) if (node.unsaved || node.writing) tree.save(node);
      });
    } catch (error) {
      await this.#letGo();
      throw error;
    }
    database.close();
    holder.contents.close();
    markClosed(settings.directory);
    await this.#letGo();
  }

  /** Whatever the disk refused, the next cache on this directory can go on from what is there. */
  async #letGo(): Promise<void> {
    this.#parts.database.close();
    this.#lock.release();
    await this.#parts.remote.close();
  }
}

/** On a full disk, rows keep saying that their files are being written: the next opening finds size and time in the data files. */
function asFarAsRoom(save: () => void): void {
  try {
    save();
  } catch (error) {
    if (!isStoreError(error, 'QuotaExceeded')) throw error;
  }
}

/**
 * Seen from above, this process is alone, so conditions hold exactly; what it takes to send a change is not the caller's wait. What the
 * store refuses, it refuses here too, before anything is changed.
 */
function capabilitiesOver(below: Capabilities): Capabilities {
  return {
    ...below,
    preconditions: 'atomic',
    modified: true,
    modifiedPrecision: 1,
    modifiedListed: true,
    rangedReads: true,
    serverSideCopy: false,
    serverSideMove: true,
    resumableFrom: Infinity,
    partialFrom: Infinity,
    changes: 'none',
  };
}
