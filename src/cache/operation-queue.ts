import type { Node } from './node.ts';
import type { Operation } from './planner.ts';

/** An operation with its node. */
export interface Candidate {
  readonly operation: Operation;
  readonly node: Node;
}

interface Queued extends Candidate {
  /** The node's version when the plan was made. */
  readonly version: number;
  /** When the operation is due: at its node's own time, or earlier if something that is due waits for it. */
  dueAt: number;
}

/**
 * The operations of one plan, on their way through it: what waits for others, what is ready. Keeping the books costs a step
 * for each operation, not a walk over all of them.
 */
export class OperationQueue {
  readonly #waiting = new Map<Operation, number>();
  readonly #followers = new Map<Operation, Operation[]>();
  readonly #queued = new Map<Operation, Queued>();
  #ready: Queued[] = [];
  /** What went with others before its own turn. */
  readonly #joined = new Set<Operation>();
  #outdated = false;

  /** `dueAt` says when a node's change is due by itself. */
  constructor(operations: readonly Operation[], nodeOf: (id: number) => Node, dueAt: (node: Node) => number) {
    for (const operation of operations) {
      const node = nodeOf(operation.node);
      this.#queued.set(operation, { operation, node, version: node.version, dueAt: dueAt(node) });
      this.#waiting.set(operation, operation.after.size);
      for (const before of operation.after) {
        const followers = this.#followers.get(before);
        if (followers === undefined) this.#followers.set(before, [operation]);
        else followers.push(operation);
      }
    }
    this.#deleteTogether(operations);
    this.#pullForward(operations);
    for (const operation of operations)
      if (operation.after.size === 0) this.#ready.push(this.#queued.get(operation) as Queued);
    this.#ready.sort((a, b) => a.dueAt - b.dueAt);
  }

  /**
   * What was removed with its directory is due when that is, which was removed last: so one call deletes all of it. Plans stand in
   * order, so one walk from the end goes from directories to what is in them.
   */
  #deleteTogether(operations: readonly Operation[]): void {
    for (const operation of operations.toReversed()) {
      if (operation.kind !== 'delete') continue;
      const { dueAt } = this.#queued.get(operation) as Queued;
      for (const before of operation.after) {
        const earlier = this.#queued.get(before) as Queued;
        if (before.kind === 'delete') earlier.dueAt = Math.max(earlier.dueAt, dueAt);
      }
    }
  }

  /** What something due waits for is due as well. Plans stand in order, so one walk from the end reaches everything. */
  #pullForward(operations: readonly Operation[]): void {
    for (const operation of operations.toReversed()) {
      const { dueAt } = this.#queued.get(operation) as Queued;
      for (const before of operation.after) {
        const earlier = this.#queued.get(before) as Queued;
        earlier.dueAt = Math.min(earlier.dueAt, dueAt);
      }
    }
  }

  /** Takes the first ready operation that may run now; operations whose node has changed since the plan are left out for good. */
  take(now: number, mayRun: (queued: Candidate) => boolean): Operation | undefined {
    for (let i = 0; i < this.#ready.length; i++) {
      const queued = this.#ready[i] as Queued;
      if (queued.node.version !== queued.version) {
        this.#ready.splice(i--, 1);
        this.#outdated = true;
        continue;
      }
      if (!isDue(queued, now) || !mayRun(queued)) continue;
      this.#ready.splice(i, 1);
      return queued.operation;
    }
    return undefined;
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
    const waiting = new Map<Operation, number>();
    for (const operation of taken)
      for (const follower of this.#followers.get(operation) ?? []) {
        const left = (waiting.get(follower) ?? this.#waiting.get(follower) ?? 0) - 1;
        waiting.set(follower, left);
        if (left > 0 || taken.length >= most || !mayJoin(this.#queued.get(follower) as Queued)) continue;
        this.#joined.add(follower);
        taken.push(follower);
      }
    return taken.slice(1);
  }

  /** Whether an operation was left out, so that only a new plan knows what to do about its node. */
  get outdated(): boolean {
    return this.#outdated;
  }

  /** The operation was done: what waited for it comes closer. */
  succeeded(operation: Operation): void {
    for (const follower of this.#followers.get(operation) ?? []) {
      const left = (this.#waiting.get(follower) as number) - 1;
      this.#waiting.set(follower, left);
      if (left === 0 && !this.#joined.has(follower)) this.#insert(this.#queued.get(follower) as Queued);
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
  }

  /** When the next ready operation may run, of those that may not have run by `since`; `Infinity` when there is none. */
  nextAt(since: number = -Infinity): number {
    let next = Infinity;
    for (const { dueAt, node } of this.#ready) {
      const at = Math.max(dueAt, node.nextTry);
      if (!node.sending && at > since) next = Math.min(next, at);
    }
    return next;
  }
}

function isDue({ dueAt, node }: Queued, now: number): boolean {
  return Math.max(dueAt, node.nextTry) <= now && !node.sending;
}
