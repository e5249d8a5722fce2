import { isStoreError } from '../store/errors.ts';
import type { DrainOptions } from './cache-report.ts';
import { isDirty, isLive } from './changes.ts';
import { Drains } from './drains.ts';
import type { Node } from './node.ts';
import type { Candidate, OperationQueue } from './operation-queue.ts';
import type { Operation } from './operation.ts';
import { Planning } from './planning.ts';
import type { Outcome } from './remote-context.ts';
import type { RemoteOperations } from './remote-operations.ts';
import { forgive, hasGivenUp, isUnreached, noteFailure } from './send-failure.ts';
import type { Tree } from './tree.ts';
import { type Placed, UploadSlots } from './upload-slots.ts';
import type { UploaderOptions } from './uploader-options.ts';

/** After a full quota nothing is sent for so long. */
const quotaPause = 60_000;
/** A writer that waits for room makes everything due for so long. */
const hurryTime = 1_000;
/** Deletes of one call: a failure repeats them all. */
const mostTogether = 4_000;

/**
 * Sends what differs: asks the planner what is to be done, runs what is due, oldest first and as parallel as the service
 * takes it, and plans again when something changed. It holds no state that matters: after a crash the dirty nodes are all it needs.
 */
export class Uploader {
  /** Those who wait. */
  readonly drains: Drains;
  readonly #tree: Tree;
  readonly #operations: RemoteOperations;
  readonly #options: UploaderOptions;
  readonly #slots: UploadSlots;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #planning: Planning;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  /** What was refused together with others: it goes alone, so that each meets its own refusal. */
  readonly #alone = new WeakSet<Node>();
  #hurryUntil = 0;
  /** Before this, the account is full: nothing that takes room is sent. */
  #fullUntil = 0;
  /** Before this, the service wants to hear nothing. */
  #quietUntil = 0;

  constructor(tree: Tree, operations: RemoteOperations, options: UploaderOptions) {
    this.#tree = tree;
    this.#operations = operations;
    this.#options = options;
    this.#slots = new UploadSlots(options.uploads, options.gatheredUpTo);
    this.#planning = new Planning({
      dirty: tree.dirty,
      parentOf: (id) => tree.find(id)?.parent ?? null,
      dueAt: (node) => this.#dueAt(node),
      onPlanned: () => this.#wakeAt(Date.now()),
    });
    this.drains = new Drains(tree, {
      isStuck: (left) => this.#isStuck(left),
      isPaused: () => this.#isPaused(),
      closing: this.#closing.signal,
    });
  }

  /** Operations that run now. */
  get running(): number {
    return this.#slots.running;
  }

  /** Until when the account counts as full, so that no content is sent, in milliseconds since the epoch; 0 while it does not. */
  get fullUntil(): number {
    return this.#fullUntil > Date.now() ? this.#fullUntil : 0;
  }

  /** A node became different, or different again: perhaps just what it takes to be accepted. */
  changed(node: Node): void {
    if (node.failure?.permanent && node.version !== node.failedVersion) forgive(node);
    this.#planning.changed(node);
    this.#wakeAt(this.#dueAt(node));
  }

  /** Begins to work. */
  start(): void {
    this.#wakeAt(Date.now());
  }

  /**
   * Sends everything that differs now without waiting for its delay. Resolves when it is sent. Rejects with the failure of a
   * node that failed for good or several times in a row; then nothing else is left that could be sent.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    await this.drains.wait(options, () => {
      this.supposeRoom();
      this.tryAgain(() => true);
    });
  }

  /** Somebody tries again: a full account may have room now. */
  supposeRoom(): void {
    this.#fullUntil = 0;
  }

  /** Somebody waits for room: what nobody has open is due at once, for a while. */
  hurry(): void {
    this.#hurryUntil = Date.now() + hurryTime;
    this.tryAgain(() => false);
  }

  /** The service is reached again: what waits for it is due. How often it failed before still counts, until it succeeds. */
  reachedAgain(): void {
    for (const node of this.#tree.dirty) if (isUnreached(node.failure)) node.nextTry = 0;
    this.tryAgain(() => false);
  }

  /** Tries some of what failed at once, for example because somebody waits for it. */
  tryAgain(isForgiven: (node: Node) => boolean): void {
    for (const node of this.#tree.dirty) if (isForgiven(node)) forgive(node);
    this.#planning.outdate();
    this.#wakeAt(Date.now());
  }

  /** Ends running operations and starts no more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#planning.close();
    this.#closing.abort(new Error('the cache is closing'));
    await Promise.allSettled(this.#running);
  }

  /** Whether nothing is left but what was given up and what waits for it. */
  #isStuck(left: readonly Node[]): boolean {
    const mayGoOn = this.#planning.isStale || this.#planning.isUnderWay || this.#timerAt <= Date.now();
    if (this.#slots.running > 0 || mayGoOn) return false;
    if (Date.now() < this.#fullUntil || this.#isPaused()) return true;
    return (
      (this.#planning.queue?.nextAt() ?? Infinity) > Date.now() &&
      left.every((node) => node.failure === undefined || hasGivenUp(node))
    );
  }

  #dueAt(node: Node): number {
    if (this.#options.control.isFirst(node)) return 0;
    const now = Date.now();
    // Who wants to read what was lost sight of waits until it is found.
    const isUrgent = node.sent !== null || this.drains.areUnderWay || (now < this.#hurryUntil && node.opens === 0);
    return isUrgent ? Math.min(now, node.dirtiedAt) : node.dirtiedAt + this.#options.uploadDelay;
  }

  #wakeAt(at: number): void {
    if (this.#closing.signal.aborted || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#turn(), Math.min(2 ** 31 - 1, Math.max(0, at - Date.now())));
  }

  #turn(): void {
    this.#timerAt = Infinity;
    if (this.#closing.signal.aborted) return;
    const now = Date.now();
    if (now < this.#quietUntil) return this.#wakeAt(this.#quietUntil);
    this.#planning.begin(now);
    const { queue } = this.#planning;
    queue?.beginTurn();
    while (!this.#slots.isFull) {
      const operation = queue?.take(now, (queued) => this.#mayRun(queued));
      if (operation === undefined) break;
      const others = operation.kind === 'delete' ? this.#alsoDeleted(operation, now) : [];
      this.#begin(operation, others);
    }
    if (queue?.outdated) this.#planning.outdate();
    // Who makes a plan wakes us when it is made.
    if (this.#planning.isStale && !this.#planning.isUnderWay) this.#wakeAt(this.#planning.nextAt);
    else if (!this.#slots.isFull && queue !== undefined) this.#wakeAt(this.#waitFor(now));
  }

  /** What one call deletes together with what was taken. */
  #alsoDeleted(first: Operation, now: number): Operation[] {
    if (this.#alone.has(this.#tree.node(first.node))) return [];
    const mayJoin = (queued: Candidate): boolean => !this.#alone.has(queued.node) && this.#mayRun(queued);
    return this.#planning.queue?.takeDeletes(first, now, mayJoin, mostTogether) ?? [];
  }

  #mayRun({ operation, node }: Candidate): boolean {
    if (operation.kind === 'upload' && Date.now() < this.#fullUntil) return false;
    // That only asks, and whoever reads waits for it.
    if (operation.kind !== 'verify' && this.#isPaused()) return false;
    try {
      return this.#slots.fits({ operation, node, paths: this.#operations.pathsOf(operation) });
    } catch (error) {
      if (!isStoreError(error, 'NotFound')) throw error;
      // A directory above it vanished at the store since the plan was made.
      this.#operations.correct(operation);
      this.#planning.outdate();
      return false;
    }
  }

  /** What is due but blocked is looked at when what runs has ended, or when the account is tried again. */
  #waitFor(now: number): number {
    const next = this.#planning.queue?.nextAt(now) ?? Infinity;
    const { pausedUntil } = this.#options.control;
    return Math.min(next, ...[this.#fullUntil, pausedUntil].filter((until) => now < until));
  }

  #isPaused(): boolean {
    return this.#options.control.pausedUntil > 0;
  }

  #begin(first: Operation, others: readonly Operation[]): void {
    const { queue } = this.#planning;
    const placed = [first, ...others].map((operation) => this.#placed(operation));
    this.#slots.begin(placed[0] as Placed, placed.slice(1));
    for (const { node } of placed) node.sending = true;
    const running = this.#run(placed, queue).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  #placed(operation: Operation): Placed {
    return { operation, node: this.#tree.node(operation.node), paths: this.#operations.pathsOf(operation) };
  }

  /** One call of the store: one operation, or several deletes. */
  async #run(placed: readonly Placed[], queue: OperationQueue | undefined): Promise<void> {
    const operations = placed.map(({ operation }) => operation);
    const [first] = operations as [Operation];
    const drains = this.drains.begun();
    const bytes = placed.reduce((sum, { operation, node }) => sum + (operation.kind === 'upload' ? node.size : 0), 0);
    try {
      const outcome = await this.#operations.run(operations, this.#closing.signal);
      this.#slots.end(first, 'done');
      for (const { operation, node } of placed) this.#ended(operation, node, outcome, queue, drains);
      this.drains.count(placed.length, bytes);
    } catch (error) {
      this.#slots.end(first, isStoreError(error, 'RateLimited') ? 'rateLimited' : 'failed');
      if (!this.#closing.signal.aborted) this.#haveFailed(placed, error);
    } finally {
      for (const { node } of placed) node.sending = false;
      for (const { node } of placed) this.#settle(node);
    }
    this.#wakeAt(Date.now());
    this.drains.step();
  }

  #ended(
    operation: Operation,
    node: Node,
    outcome: Outcome,
    queue: OperationQueue | undefined,
    drains: readonly Set<Node>[],
  ): void {
    // That it was found says nothing of whether the store takes it.
    if (operation.kind !== 'verify') forgive(node);
    if (outcome === 'done' && queue !== undefined && queue === this.#planning.queue) queue.succeeded(operation);
    else this.#overtaken(node);
    if (operation.kind === 'delete') this.#fullUntil = 0;
    // An earlier call may have brought the content, with the mode of then.
    if (outcome === 'done' && operation.kind === 'upload' && !node.metadataDirty) this.drains.noteSent(node, drains);
  }

  /** A node was sent otherwise than the present plan says: what it says of the node, and of who waits for its place, is void. */
  #overtaken(node: Node): void {
    node.version++;
    if (isDirty(node)) this.#planning.discard();
    this.#planning.outdate();
  }

  /** A node that the user removed while it was sent leaves the tree now, or is deleted at the store next. */
  #settle(node: Node): void {
    if (this.#closing.signal.aborted) return;
    this.#options.control.settled(node);
    this.#options.onSettled(node);
    if (!isLive(node) && isDirty(node)) this.#planning.outdate();
  }

  #haveFailed(placed: readonly Placed[], error: unknown): void {
    const isRefused = !(isStoreError(error) && error.retryable);
    if (placed.length === 1 || !isRefused) {
      for (const { node } of placed) this.#failed(node, error);
      return;
    }
    for (const { node } of placed) this.#alone.add(node);
    this.#planning.outdate();
  }

  #failed(node: Node, error: unknown): void {
    const failure = noteFailure(node, error);
    const retryAfter = isStoreError(error) ? error.retryAfter : undefined;
    if (failure.code === 'QuotaExceeded') this.#fullUntil = Date.now() + quotaPause;
    if (failure.code === 'RateLimited') this.#quietUntil = Math.max(this.#quietUntil, Date.now() + (retryAfter ?? 0));
    this.#options.onFailure(node, failure);
    // Until it is known where the node is, the rest of the plan may touch the wrong paths.
    if (node.sent !== null) this.#planning.discard();
    this.#planning.outdate();
  }
}
