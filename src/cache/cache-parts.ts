import { join } from 'node:path';
import type { Database } from '../database/database.ts';
import { type CountingStore, withStatistics } from '../layers/statistics.ts';
import { withTimeLimit } from '../layers/time-limit.ts';
import type { Store } from '../store/store.ts';
import { BadRows } from './bad-rows.ts';
import { type CacheSettings, feedIntervalOf, feedWaitOf, readAheadOf } from './cache-options.ts';
import { CacheTree } from './cache-tree.ts';
import { ChangeFeed } from './change-feed.ts';
import { ContentHolder } from './content-holder.ts';
import { Contents } from './contents.ts';
import { DataFiles } from './data-files.ts';
import { FeedTable } from './feed-table.ts';
import { DiskReserve } from './disk-reserve.ts';
import { Fetcher } from './fetcher.ts';
import type { Node, SendFailure } from './node.ts';
import { markDamaged } from './database-rescue.ts';
import { NodeAttributes } from './node-attributes.ts';
import { LostAndFound } from './lost-and-found.ts';
import { Neighbours } from './neighbours.ts';
import type { Problem } from './cache-report.ts';
import type { TreeChange, Waiter } from './node-tree.ts';
import { ProblemLog } from './problem-log.ts';
import { ProblemTable } from './problem-table.ts';
import { Quarantine } from './quarantine.ts';
import { Reach } from './reach.ts';
import { withReachability } from './reachability.ts';
import { InlineContents } from './inline-contents.ts';
import { inspectContents, recover } from './recovery.ts';
import { RemoteActivity } from './remote-activity.ts';
import { RemoteListing } from './remote-listing.ts';
import { RemoteOperations } from './remote-operations.ts';
import { Room } from './room.ts';
import { untilSent } from './sending-wait.ts';
import { keepFailure } from './send-failure.ts';
import { withSoundDatabase } from './sound-database.ts';
import { Tree } from './tree.ts';
import { UploadControl } from './upload-control.ts';
import { UploadStates } from './upload-states.ts';
import { Uploader } from './uploader.ts';
import { followUsualAttributes } from './usual-attributes.ts';

/** Everything that an open write-back cache is made of. */
export interface CacheParts {
  readonly settings: CacheSettings;
  readonly database: Database;
  readonly remote: CountingStore;
  readonly reach: Reach;
  readonly tree: Tree;
  readonly holder: ContentHolder;
  readonly quarantine: Quarantine;
  readonly fetcher: Fetcher;
  /** Asks the store again where a node is and which version it has. */
  readonly recheck: (node: Node) => Promise<void>;
  readonly uploader: Uploader;
  readonly feed: ChangeFeed;
  readonly control: UploadControl;
  readonly cacheTree: CacheTree;
  readonly problems: ProblemLog;
  readonly counts: { hits: number; misses: number };
}

/** What lower parts tell higher ones, which exist later: nobody listens until everything stands. */
interface Wires {
  changed: (node: Node) => void;
  reachedAgain: () => void;
  placeIsWanted: () => void;
  roomIsShort: () => void;
  ordersChanged: () => void;
  triedAgain: () => void;
  announce: (change: TreeChange) => void;
  whenStored: (node: Node, waiter?: Waiter) => Promise<void>;
}

/**
 * Opens the database and the data files, brings them together (`recovery.ts`), and builds everything on them, from the
 * bottom up. It asks the store nothing. Throws `NewerDatabaseError`, or the error of the file system that holds the directory.
 */
export function openCacheParts(store: Store, settings: CacheSettings): CacheParts {
  const lostAndFound = new LostAndFound(settings.directory);
  return withSoundDatabase(settings.directory, lostAndFound, (database) =>
    buildParts(store, settings, database, lostAndFound),
  );
}

function buildParts(store: Store, settings: CacheSettings, database: Database, lostAndFound: LostAndFound): CacheParts {
  const wires: Wires = {
    changed: nothing,
    reachedAgain: nothing,
    placeIsWanted: nothing,
    roomIsShort: nothing,
    ordersChanged: nothing,
    triedAgain: nothing,
    announce: nothing,
    whenStored: async () => undefined,
  };
  const problems = new ProblemLog(new ProblemTable(database));
  const onChange = (change: TreeChange): void => wires.announce(change);
  database.whenDamaged((error) => {
    markDamaged(settings.directory);
    const message = `the database of the cache is damaged (${error.message}); the next start saves what can be read of it`;
    problems.add({ kind: 'quarantined', path: settings.directory, message });
  });
  const { remote, reach } = watchedStore(store, settings.timeout, wires);
  followUsualAttributes(database, settings);
  const badRows = new BadRows({
    database,
    files: new DataFiles(join(settings.directory, 'data')),
    lostAndFound,
    onProblem: (problem) => problems.add(problem),
  });
  const tree = new Tree(database, (node) => wires.changed(node), settings, badRows);
  const { holder, quarantine } = openContents({ tree, database, settings, problems, lostAndFound, wires });
  const activity = new RemoteActivity();
  const { metadataTime, timeout, fileMode, directoryMode, uid, gid, host } = settings;
  const onWait = (): void => wires.placeIsWanted();
  const usual = { fileMode, directoryMode, uid, gid };
  const listing = new RemoteListing(tree, remote, holder, activity, {
    ...usual,
    metadataTime,
    timeout,
    onChange,
    onWait,
    onUnfitName: (...what) => problems.addOnce(unfitName(...what)),
  });
  const recheck = (node: Node): Promise<void> => lookAgain(listing, node);
  const fetcher = new Fetcher(tree, remote, holder, recheck, (node, entry) => listing.told(node, entry));
  const counts = { hits: 0, misses: 0 };
  const neighbours = settings.prefetch ? new Neighbours(tree, fetcher, holder.room) : undefined;
  const cacheTree = new CacheTree({
    attributes: new NodeAttributes(tree, {
      ...usual,
      strict: settings.strictPosix,
      capabilities: () => remote.capabilities,
    }),
    tree,
    holder,
    quarantine,
    fetcher,
    maxFileSize: remote.capabilities.maxFileSize,
    partialFrom: remote.capabilities.partialFrom,
    readAhead: readAheadOf(settings),
    whenStored: settings.writeThrough ? (node, waiter) => wires.whenStored(node, waiter) : undefined,
    listing,
    store: remote,
    metadataTime,
    onOpen: (node) => {
      if (isHere(node)) counts.hits++;
      else counts.misses++;
      neighbours?.opened(node);
    },
  });
  const onConflict = (path: string, copy: string): void =>
    problems.addLasting({
      kind: 'conflict',
      path,
      message: `somebody else changed it; the version from here is kept as ${copy}`,
    });
  const tellFailure = (node: Node, { message }: SendFailure): void =>
    problems.add({ kind: 'upload', path: tree.pathOf(node), message });
  const uploads = new UploadStates(database);
  const onRefused = (path: string, message: string): void =>
    problems.add({ kind: 'attributes', path, message: `its mode and attributes stay in the cache: ${message}` });
  const shared = { tree, store: remote, holder, quarantine, fetcher, listing, activity, uploads, fileMode };
  const operations = new RemoteOperations({ ...shared, host, onChange, onConflict, onRefused });
  const control = new UploadControl(tree, database, {
    changed: () => wires.ordersChanged(),
    triedAgain: () => wires.triedAgain(),
  });
  const uploader = new Uploader(tree, operations, {
    uploadDelay: settings.uploadDelay,
    uploads: settings.uploads,
    gatheredUpTo: () => remote.capabilities.gatheredUpTo,
    control,
    onSettled: (node) => holder.settle(node),
    onFailure: (node, failure) => {
      if (!failure.permanent) return;
      keepFailure(node, tree);
      tellFailure(node, failure);
    },
  });
  const feed = new ChangeFeed({
    tree,
    store: remote,
    listing,
    table: new FeedTable(database),
    interval: feedIntervalOf(settings),
    wait: feedWaitOf(settings),
  });
  for (const node of tree.dirty) if (node.failure !== undefined) tellFailure(node, node.failure);
  connect(wires, uploader, cacheTree);
  const waitParts = { tree, uploader, isPaused: () => control.pausedUntil > 0, patience: settings.timeout };
  wires.whenStored = (node, waiter) => untilSent(node, waitParts, waiter?.signal);
  return {
    settings,
    database,
    remote,
    reach,
    tree,
    holder,
    quarantine,
    fetcher,
    recheck,
    uploader,
    feed,
    control,
    cacheTree,
    problems,
    counts,
  };
}

/** The store, which nobody waits for too long, counting, and telling when it is reached again after it was not. */
function watchedStore(store: Store, timeout: number, wires: Wires): Pick<CacheParts, 'remote' | 'reach'> {
  const reach = new Reach(() => wires.reachedAgain());
  const limited = timeout === Infinity ? store : withTimeLimit(store, timeout);
  const watched = withReachability(limited, (reached) => reach.note(reached));
  return { remote: withStatistics(watched), reach };
}

/** What there is before the contents. */
interface OpeningParts extends Pick<CacheParts, 'tree' | 'database' | 'settings' | 'problems'> {
  readonly lostAndFound: LostAndFound;
  readonly wires: Wires;
}

/** The contents, in agreement with the rows. */
function openContents({
  tree,
  database,
  settings,
  problems,
  lostAndFound,
  wires,
}: OpeningParts): Pick<CacheParts, 'holder' | 'quarantine'> {
  const directory = join(settings.directory, 'data');
  const inline = new InlineContents(database, settings.inlineBytes);
  const stored = inspectContents(directory, inline);
  const contents = new Contents(directory, inline, Math.max(stored.last, tree.table.largestContent()));
  const room = new Room(tree.table.contentBytes(), {
    maxBytes: settings.maxBytes,
    hardMaxBytes: settings.hardMaxBytes,
    patience: settings.writePatience,
    readMargin: readAheadOf(settings),
    onOverfull: () => holder.forgetOpen(),
    evict: (bytes) => holder.evict(bytes),
    onWait: () => wires.roomIsShort(),
  });
  const holder: ContentHolder = new ContentHolder(tree, contents, room, new DiskReserve(settings.directory));
  const onProblem = (problem: Problem): void => problems.add(problem);
  for (const problem of lostAndFound.problems()) onProblem(problem);
  const quarantine = new Quarantine({
    tree,
    holder,
    lostAndFound,
    onProblem,
    onChange: (change) => wires.announce(change),
  });
  recover({ tree, holder, stored, quarantine, lostAndFound, onProblem, directory: settings.directory });
  return { holder, quarantine };
}

function connect(wires: Wires, uploader: Uploader, cacheTree: CacheTree): void {
  wires.changed = (node) => uploader.changed(node);
  wires.reachedAgain = () => uploader.reachedAgain();
  wires.placeIsWanted = () => uploader.tryAgain(({ sent }) => sent !== null);
  wires.ordersChanged = () => uploader.tryAgain(() => false);
  wires.triedAgain = () => uploader.supposeRoom();
  wires.roomIsShort = () => uploader.hurry();
  wires.announce = (change) => cacheTree.announce(change);
}

async function lookAgain(listing: RemoteListing, node: Node): Promise<void> {
  await listing.whenPlaced(node);
  if (node.synced !== null) await listing.refreshAgain(node.synced.parent);
}

function isHere({ size, content, present }: Node): boolean {
  return size === 0 || (content !== 0 && present === null);
}

/** Told of the directory: there may be many more. */
function unfitName(directory: string, name: string, flaw: string): Omit<Problem, 'at'> {
  const shown = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return { kind: 'name', path: directory, message: `${JSON.stringify(shown)} is not shown here: ${flaw}` };
}

function nothing(): void {}
