import type { Node } from './node.ts';
import type { Operation } from './planner.ts';

interface Queued {
  readonly operation: Operation;
  readonly node: Node;
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
  readonly #ready: Queued[] = [];
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
    this.#pullForward(operations);
    for (const operation of operations)
      if (operation.after.size === 0) this.#ready.push(this.#queued.get(operation) as Queued);
    this.#ready.sort((a, b) => a.dueAt - b.dueAt);
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
  take(
    now: number,
    mayRun: (queued: { readonly operation: Operation; readonly node: Node }) => boolean,
  ): Operation | undefined {
    for (let i = 0; i < this.#ready.length; i++) {
      const queued = this.#ready[i] as Queued;
      if (queued.node.version !== queued.version) {
        this.#ready.splice(i--, 1);
        this.#outdated = true;
        continue;
      }
      if (Math.max(queued.dueAt, queued.node.nextTry) > now || queued.node.sending || !mayRun(queued)) continue;
      this.#ready.splice(i, 1);
      return queued.operation;
    }
    return undefined;
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
      if (left === 0) this.#insert(this.#queued.get(follower) as Queued);
    }
  }

  #insert(queued: Queued): void {
    const after = this.#ready.findIndex(({ dueAt }) => dueAt > queued.dueAt);
    if (after === -1) this.#ready.push(queued);
    else this.#ready.splice(after, 0, queued);
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
