import { isDirty } from './changes.ts';
import type { Node } from './node.ts';
import type { Operation } from './operation.ts';
import { sortSteps } from './sort-steps.ts';

/** An operation with its node. */
export interface Candidate {
  readonly operation: Operation;
  readonly node: Node;
}

/** A node as the plan was made for it. */
export interface PlannedNode {
  readonly node: Node;
  /** The node's version then. */
  readonly version: number;
}

interface Queued extends Candidate, PlannedNode {
  /** When the operation is due: at its node's own time, or earlier if something that is due waits for it. */
  dueAt: number;
  /** Operations that it still waits for. */
  waiting: number;
  followers: Queued[] | undefined;
  /** It went with others before its own turn. */
  hasJoined: boolean;
}

/** Looking at more that must not run yet would hold everybody up: the rest is looked at in the next turn. */
const mostRefused = 500;
/** What became ready with one operation comes in piece by piece. */
const mostComing = 500;

/**
 * The operations of one plan, on their way through it: what waits for others, what is ready. Keeping the books costs a step
 * for each operation, not a walk over all of them.
 */
export class OperationQueue {
  readonly #queued: ReadonlyMap<Operation, Queued>;
  /** By when they are due. */
  #ready: Queued[];
  /** Followers of what succeeded that are not looked at yet. */
  readonly #coming: { readonly followers: readonly Queued[]; at: number }[] = [];
  /** What is ready was looked at up to here, and is to be up to there in this turn. */
  #at = 0;
  #until = mostRefused;
  #outdated = false;

  private constructor(queued: ReadonlyMap<Operation, Queued>, ready: Queued[]) {
    this.#queued = queued;
    this.#ready = ready;
  }

  /** Makes a queue, in steps of some microseconds. `dueAt` says when a node's change is due by itself. */
  static *steps(
    operations: readonly Operation[],
    plannedNode: (id: number) => PlannedNode,
    dueAt: (node: Node) => number,
  ): Generator<void, OperationQueue> {
    const queued = new Map<Operation, Queued>();
    const inOrder: Queued[] = [];
    for (const operation of operations) {
      yield;
      const { node, version } = plannedNode(operation.node);
      const waiting = operation.after.size;
      const made = { operation, node, version, dueAt: dueAt(node), waiting, followers: undefined, hasJoined: false };
      queued.set(operation, made);
      inOrder.push(made);
    }
    const before = (later: Queued): IteratorObject<Queued> =>
      later.operation.after.values().map((operation) => queued.get(operation) as Queued);
    yield* findFollowers(inOrder, before);
    yield* deleteTogether(inOrder, before);
    yield* pullForward(inOrder, before);
    const ready = inOrder.filter(({ waiting }) => waiting === 0);
    return new OperationQueue(queued, yield* sortSteps(ready, (a, b) => a.dueAt - b.dueAt));
  }

  /** What was refused may run now; first comes what was not looked at. */
  beginTurn(): void {
    if (this.#at < this.#until) this.#at = 0;
    this.#until = this.#at + mostRefused;
    this.#comeIn();
  }

  /** Takes the first ready operation that may run now; operations whose node has changed since the plan are left out for good. */
  take(now: number, mayRun: (queued: Candidate) => boolean): Operation | undefined {
    const ready = this.#ready;
    let kept = this.#at;
    let at = kept;
    let found: Queued | undefined;
    for (; at < ready.length && kept < this.#until && found === undefined; at++) {
      const queued = ready[at] as Queued;
      if (queued.dueAt > now) break;
      if (this.#isOutdated(queued)) continue;
      if (isDue(queued, now) && mayRun(queued)) found = queued;
      else ready[kept++] = queued;
    }
    ready.splice(kept, at - kept);
    this.#at = kept;
    return found?.operation;
  }

  /**
   * Takes what one call can delete together with `first`, which was taken before: the deletes that are ready and may run now, and the
   * directories that wait for nothing but these. Nobody else takes them.
   */
  takeDeletes(first: Operation, now: number, mayRun: (queued: Candidate) => boolean, most: number): Operation[] {
    const mayJoin = (queued: Queued): boolean =>
      queued.operation.kind === 'delete' &&
      queued.node.version === queued.version &&
      isDue(queued, now) &&
      mayRun(queued);
    const taken: Operation[] = [first];
    const stays: Queued[] = [];
    for (const queued of this.#ready) {
      if (taken.length < most && mayJoin(queued)) taken.push(queued.operation);
      else stays.push(queued);
    }
    this.#ready = stays;
    this.#at = 0;
    const waiting = new Map<Queued, number>();
    for (const operation of taken)
      for (const follower of this.#queued.get(operation)?.followers ?? []) {
        const left = (waiting.get(follower) ?? follower.waiting) - 1;
        waiting.set(follower, left);
        if (left > 0 || taken.length >= most || !mayJoin(follower)) continue;
        follower.hasJoined = true;
        taken.push(follower.operation);
      }
    return taken.slice(1);
  }

  /** Whether an operation was left out, so that only a new plan knows what to do about its node, or about what waits for it. */
  get outdated(): boolean {
    return this.#outdated;
  }

  /** The operation was done: what waited for it comes closer. */
  succeeded(operation: Operation): void {
    const followers = this.#queued.get(operation)?.followers;
    if (followers === undefined) return;
    this.#coming.push({ followers, at: 0 });
    this.#comeIn();
  }

  /** When the next ready operation may run, of those that may not have run by `since`; `Infinity` when there is none. */
  nextAt(since: number = -Infinity): number {
    if (this.#coming.length > 0 || this.#at >= this.#until) return since;
    let next = Infinity;
    for (const { dueAt, operation, node } of this.#ready) {
      if (dueAt >= next) break;
      const at = Math.max(dueAt, triedFrom({ operation, node }));
      if (!node.sending && at > since) next = Math.min(next, at);
    }
    return next;
  }

  #isOutdated({ node, version, followers, operation }: Queued): boolean {
    if (node.version === version) return false;
    // What it would have replaced is to be deleted now.
    const isNeeded = followers !== undefined || operation.replaces !== undefined;
    if (isDirty(node) || isNeeded) this.#outdated = true;
    return true;
  }

  #comeIn(): void {
    for (let left = mostComing; left > 0; left--) {
      const [coming] = this.#coming;
      if (coming === undefined) return;
      const follower = coming.followers[coming.at++];
      if (follower === undefined) this.#coming.shift();
      else if (--follower.waiting === 0 && !follower.hasJoined) this.#insert(follower);
    }
  }

  #insert(queued: Queued): void {
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ready[middle] as Queued).dueAt > queued.dueAt) high = middle;
      else low = middle + 1;
    }
    this.#ready.splice(low, 0, queued);
    this.#at = 0;
  }
}

type Earlier = (later: Queued) => IteratorObject<Queued>;

function* findFollowers(inOrder: readonly Queued[], before: Earlier): Generator<void, void> {
  for (const queued of inOrder)
    for (const earlier of before(queued)) {
      yield;
      if (earlier.followers === undefined) earlier.followers = [queued];
      else earlier.followers.push(queued);
    }
}

/**
 * What was removed with its directory is due when that is, which was removed last: so one call deletes all of it. Plans stand in
 * order, so one walk from the end goes from directories to what is in them.
 */
function* deleteTogether(inOrder: readonly Queued[], before: Earlier): Generator<void, void> {
  for (let i = inOrder.length - 1; i >= 0; i--) {
    yield;
    const queued = inOrder[i] as Queued;
    if (queued.operation.kind !== 'delete') continue;
    for (const earlier of before(queued)) {
      yield;
      if (earlier.operation.kind === 'delete') earlier.dueAt = Math.max(earlier.dueAt, queued.dueAt);
    }
  }
}

/** What something due waits for is due as well. Plans stand in order, so one walk from the end reaches everything. */
function* pullForward(inOrder: readonly Queued[], before: Earlier): Generator<void, void> {
  for (let i = inOrder.length - 1; i >= 0; i--) {
    yield;
    const queued = inOrder[i] as Queued;
    for (const earlier of before(queued)) {
      yield;
      earlier.dueAt = Math.min(earlier.dueAt, queued.dueAt);
    }
  }
}

function isDue(queued: Queued, now: number): boolean {
  return Math.max(queued.dueAt, triedFrom(queued)) <= now && !queued.node.sending;
}

/** Not before this time: what failed waits for its next try, a held upload for a person. */
function triedFrom({ operation, node }: Candidate): number {
  return node.held && operation.kind === 'upload' ? Infinity : node.nextTry;
}
