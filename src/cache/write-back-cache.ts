import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Database } from '../database/database.ts';
import { ExclusiveLock } from '../database/exclusive-lock.ts';
import { type CountingStore, withStatistics } from '../layers/statistics.ts';
import type { Capabilities, Store } from '../store/store.ts';
import type { CacheStatistics, DrainOptions, PendingChange, Problem } from './cache-report.ts';
import { CacheTree } from './cache-tree.ts';
import { CachedStore } from './cached-store.ts';
import { changeOf, isLive, stateOf } from './changes.ts';
import { ContentHolder } from './content-holder.ts';
import { Contents } from './contents.ts';
import { Fetcher } from './fetcher.ts';
import type { Node } from './node.ts';
import { nodeMigrations } from './node-table.ts';
import type { NodeTree, TreeChange } from './node-tree.ts';
import { inspectContents, markClosed, markOpen, recover } from './recovery.ts';
import { withReachability } from './reachability.ts';
import { RemoteActivity } from './remote-activity.ts';
import { RemoteListing } from './remote-listing.ts';
import { RemoteOperations } from './remote-operations.ts';
import { Room } from './room.ts';
import { Tree } from './tree.ts';
import { Uploader } from './uploader.ts';

/** Options of `withWriteBackCache`. */
export interface WriteBackCacheOptions {
  /** Where the cache lives; made if missing. One process at a time, one account for good. */
  readonly directory: string;
  /** Milliseconds from the last change of a file until its upload. @default 60_000 */
  readonly uploadDelay?: number | undefined;
  /** Milliseconds for which what the store said is believed. @default 120_000 */
  readonly metadataTime?: number | undefined;
  /** Bytes of content that are kept; older clean content is dropped. @default 5_000_000_000 */
  readonly maxBytes?: number | undefined;
  /** Bytes above which writers are made to wait, and in the end get `QuotaExceeded`. @default 10_000_000_000 */
  readonly hardMaxBytes?: number | undefined;
  /** How long a writer waits for room, in milliseconds. @default 30_000 */
  readonly writePatience?: number | undefined;
  /** Remote operations at a time, to begin with; it adapts. @default 16 */
  readonly uploads?: number | undefined;
  /** Names this machine in conflict copies. @default the host's name */
  readonly host?: string | undefined;
  /** Owner and group of what the store brings. @default those of the process */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** How many problems are kept for the reports. */
const keptProblems = 100;

/**
 * Opens a write-back cache over a store: writes are done when they are on this machine's disk, and sent in the background,
 * coalesced and in order. Unsent changes survive crashes; the next cache on the same directory continues.
 *
 * Throws `DirectoryInUseError`, `NewerDatabaseError`, or the error of the file system that holds the directory.
 */
export function withWriteBackCache(store: Store, options: WriteBackCacheOptions): WriteBackCache {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const lock = new ExclusiveLock(options.directory);
  try {
    return new WriteBackCache(store, options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A write-back cache: a `Store` for programs, a `NodeTree` for a mount, over the same files. Made by `withWriteBackCache`. */
export class WriteBackCache extends CachedStore {
  readonly tree: NodeTree;
  readonly #options: WriteBackCacheOptions;
  readonly #lock: ExclusiveLock;
  readonly #database: Database;
  readonly #remote: CountingStore;
  readonly #nodes: Tree;
  readonly #room: Room;
  readonly #fetcher: Fetcher;
  readonly #uploader: Uploader;
  readonly #problems: Problem[];
  readonly #counts: { hits: number; misses: number };
  readonly #reached: { online: boolean };
  #closing: Promise<void> | undefined;

  /** @internal use `withWriteBackCache` */
  constructor(store: Store, options: WriteBackCacheOptions, lock: ExclusiveLock) {
    const { directory, metadataTime = 120_000 } = options;
    const reached = { online: true };
    const remote = withStatistics(
      withReachability(store, (online) => {
        const again = online && !reached.online;
        reached.online = online;
        if (again) late.uploader?.reached();
      }),
    );
    const database = new Database(join(directory, 'index.db'), { migrations: nodeMigrations });
    // The tree announces what recovery finds before there is anybody to tell.
    const late: { uploader?: Uploader; cacheTree?: CacheTree } = {};
    const nodes: Tree = new Tree(database, (node) => late.uploader?.changed(node));
    const announce = (change: TreeChange): void => late.cacheTree?.announce(change);
    const dataDirectory = join(directory, 'data');
    const stored = inspectContents(dataDirectory);
    const contents = new Contents(dataDirectory, Math.max(stored.last, nodes.table.largestContent()));
    const room = new Room(nodes.table.contentBytes(), {
      maxBytes: options.maxBytes ?? 5e9,
      hardMaxBytes: options.hardMaxBytes ?? 1e10,
      patience: options.writePatience ?? 30_000,
      evict: (bytes) => holder.evict(bytes),
      onWait: () => late.uploader?.hurry(),
    });
    const holder: ContentHolder = new ContentHolder(nodes, contents, () => room);
    const problems = recover(nodes, holder, stored, directory);
    const ownership = { uid: options.uid ?? process.getuid?.() ?? 0, gid: options.gid ?? process.getgid?.() ?? 0 };
    const activity = new RemoteActivity();
    const listing = new RemoteListing(nodes, remote, holder, activity, {
      metadataTime,
      fileMode: 0o644,
      directoryMode: 0o755,
      ...ownership,
      onChange: announce,
    });
    const fetcher = new Fetcher(nodes, remote, holder, (node) => recheck(nodes, listing, node));
    const counts = { hits: 0, misses: 0 };
    const access = { tree: nodes, holder, fetcher, maxFileSize: remote.capabilities.maxFileSize };
    const cacheTree = new CacheTree({
      ...access,
      listing,
      store: remote,
      metadataTime,
      onOpen: (hit) => (hit ? counts.hits++ : counts.misses++),
    });
    const report = (problem: Omit<Problem, 'at'>): void => {
      problems.push({ ...problem, at: Date.now() });
      if (problems.length > keptProblems) problems.shift();
    };
    const operations = new RemoteOperations({
      tree: nodes,
      store: remote,
      holder,
      fetcher,
      listing,
      activity,
      host: options.host ?? hostname(),
      onChange: announce,
      onConflict: (path, copy) =>
        report({
          kind: 'conflict',
          path,
          message: `somebody else changed it; the version from here is kept as ${copy}`,
        }),
    });
    const uploader = new Uploader(nodes, operations, {
      uploadDelay: options.uploadDelay ?? 60_000,
      uploads: options.uploads ?? 16,
      onSettled: (node) => holder.settle(node),
      onFailure: (node, failure) => {
        if (failure.permanent) report({ kind: 'upload', path: nodes.pathOf(node), message: failure.message });
      },
    });
    super(`cache(${store.name})`, capabilitiesOver(store.capabilities), { ...access, cacheTree, ownership });
    late.uploader = uploader;
    late.cacheTree = cacheTree;
    this.tree = cacheTree;
    this.#options = options;
    this.#lock = lock;
    this.#database = database;
    this.#remote = remote;
    this.#nodes = nodes;
    this.#room = room;
    this.#fetcher = fetcher;
    this.#uploader = uploader;
    this.#problems = problems;
    this.#counts = counts;
    this.#reached = reached;
    markOpen(directory);
    uploader.start();
  }

  /**
   * Sends everything now. Resolves when nothing that was changed before the call is left; rejects with `DrainError` when
   * something cannot be sent, or with the signal's reason.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    return this.#uploader.drain(options);
  }

  /** What is not sent yet, oldest change first. */
  pending(): PendingChange[] {
    const delay = this.#options.uploadDelay ?? 60_000;
    return [...this.#nodes.dirty]
      .sort((a, b) => a.dirtiedAt - b.dirtiedAt)
      .flatMap((node) => this.#pendingChange(node, delay));
  }

  #pendingChange(node: Node, delay: number): PendingChange[] {
    const change = changeOf(node);
    const state = stateOf(node);
    if (change === undefined || state === 'clean') return [];
    const { failure } = node;
    return [
      {
        node: node.id,
        path: this.#nodes.pathOf(node),
        kind: node.kind,
        change,
        state,
        size: node.contentDirty && isLive(node) ? node.size : 0,
        attempts: node.attempts,
        error: failure === undefined ? undefined : { code: failure.code, message: failure.message },
        dueAt: Math.max(node.nextTry, node.dirtiedAt + delay),
      },
    ];
  }

  /** What a person should know of, oldest first. */
  problems(): readonly Problem[] {
    return [...this.#problems];
  }

  /** What happened since the cache was opened, and what it holds. */
  statistics(): CacheStatistics {
    const remote = this.#remote.statistics();
    const pending = this.pending();
    const dirty = pending.filter(({ kind, change }) => kind === 'file' && change !== 'delete' && change !== 'move');
    return Object.freeze({
      since: remote.since,
      pendingChanges: pending.length,
      dirtyFiles: dirty.length,
      dirtyBytes: dirty.reduce((sum, { size }) => sum + size, 0),
      uploading: this.#uploader.running,
      cachedBytes: this.#room.bytes,
      maxBytes: this.#options.maxBytes ?? 5e9,
      hardMaxBytes: this.#options.hardMaxBytes ?? 1e10,
      ...this.#counts,
      uploadedBytes: remote.bytesWritten,
      downloadedBytes: remote.bytesRead,
      uploadRate: remote.writeRate,
      downloadRate: remote.readRate,
      online: this.#reached.online,
      failures: remote.failures,
    });
  }

  /** Commits everything and closes the store below. What is not sent stays in the directory; call `drain` before to send it. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#fetcher.close();
    await this.#uploader.close();
    this.#nodes.saveAccesses();
    for (const node of this.#nodes.dirty) if (node.unsaved || node.writing) this.#nodes.save(node);
    this.#database.close();
    markClosed(this.#options.directory);
    this.#lock.release();
    await this.#remote.close();
  }
}

/** Seen from above, this process is alone, so conditions hold exactly; what it takes to send a change is not the caller's wait. */
function capabilitiesOver(below: Capabilities): Capabilities {
  return {
    ...below,
    preconditions: 'atomic',
    modified: true,
    modifiedPrecision: 1,
    rangedReads: true,
    serverSideCopy: false,
    serverSideMove: true,
  };
}

/** Asks the store again where a node is and which version it has. */
async function recheck(tree: Tree, listing: RemoteListing, node: Node): Promise<void> {
  if (node.synced !== null) await listing.refreshAgain(tree.node(node.synced.parent));
}
