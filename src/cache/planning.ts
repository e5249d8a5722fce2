import { isDirty } from './changes.ts';
import type { Node } from './node.ts';
import { OperationQueue, type PlannedNode } from './operation-queue.ts';
import type { Difference } from './operation.ts';
import { planSteps } from './planner.ts';
import { atOnce, inTurns } from './turns.ts';

/** What `Planning` works on, and whom it tells. */
export interface PlanningParts {
  /** All that differs. */
  readonly dirty: ReadonlySet<Node>;
  readonly parentOf: (id: number) => number | null;
  /** When a node's change is due by itself. */
  readonly dueAt: (node: Node) => number;
  /** There is a new plan, or there must be one. */
  readonly onPlanned: () => void;
}

/** A new plan is not made more often than this, or than ten times the time that making one takes. */
const shortestPause = 20;
/** Steps of planning are short. */
const stepsAtOnce = 512;

/**
 * The present plan, which is made anew when something changed.
 *
 * A plan is made for the tree as it is at one moment, in pieces between which others get their turn. Meanwhile no plan is in force. What becomes
 * of a node until then grows the node's version, so the new plan leaves the node out.
 */
export class Planning {
  readonly #parts: PlanningParts;
  #queue: OperationQueue | undefined;
  #isStale = true;
  #plannedAt = 0;
  #pause = shortestPause;
  /** The plan that is being made. */
  #making: Making | undefined;
  #isClosed = false;

  constructor(parts: PlanningParts) {
    this.#parts = parts;
  }

  /** What is to be done; undefined until a new plan tells. */
  get queue(): OperationQueue | undefined {
    return this.#queue;
  }

  /** A plan is being made. */
  get isUnderWay(): boolean {
    return this.#making !== undefined;
  }

  /** Something changed that the present plan does not know. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** When the next plan may be made, in milliseconds since the epoch. */
  get nextAt(): number {
    return this.#plannedAt + this.#pause;
  }

  /** There must be another plan. */
  outdate(): void {
    this.#isStale = true;
  }

  /** A node became different, or different again. */
  changed(node: Node): void {
    this.#making?.changed.add(node);
    this.#isStale = true;
  }

  /** The present plan, and one that is being made, may be wrong about more than the nodes whose version grew. */
  discard(): void {
    this.#queue = undefined;
    if (this.#making !== undefined) this.#making.isVoid = true;
    this.#isStale = true;
  }

  /** Begins to make a plan, if there must be one and the last one is not too young. */
  begin(now: number): void {
    if (!this.#isStale || this.isUnderWay || this.#isClosed || now < this.nextAt) return;
    this.#isStale = false;
    this.#queue = undefined;
    const making: Making = { isVoid: false, changed: new Set() };
    this.#making = making;
    void this.#make(making).finally(() => this.#parts.onPlanned());
  }

  /** Makes no more plans. */
  close(): void {
    this.#isClosed = true;
  }

  async #make(making: Making): Promise<void> {
    let milliseconds = 0;
    const isWanted = (): boolean => !making.isVoid && !this.#isClosed;
    const queue = await inTurns(this.#steps(making), stepsAtOnce, isWanted, (took) => (milliseconds += took));
    this.#making = undefined;
    this.#plannedAt = Date.now();
    this.#pause = Math.max(shortestPause, 10 * milliseconds);
    if (isWanted()) this.#queue = queue;
  }

  *#steps(making: Making): Generator<void, OperationQueue> {
    const planned = yield* this.#differences(making);
    const differences: Difference[] = [];
    for (const difference of planned.values()) {
      yield;
      differences.push(difference);
    }
    const operations = yield* planSteps(differences, this.#parts.parentOf);
    return yield* OperationQueue.steps(operations, (id) => planned.get(id) as PlannedNode, this.#parts.dueAt);
  }

  /** All differences as they are at the last step: what changes while others are looked at is looked at again. */
  *#differences(making: Making): Generator<void, Map<number, PlannedDifference>> {
    const planned = new Map<number, PlannedDifference>();
    const look = (node: Node): void => {
      if (isDirty(node)) planned.set(node.id, new PlannedDifference(node));
      else planned.delete(node.id);
    };
    for (const node of this.#parts.dirty) {
      yield;
      look(node);
    }
    while (making.changed.size > atOnce) {
      const { changed } = making;
      making.changed = new Set();
      for (const node of changed) {
        yield;
        look(node);
      }
    }
    for (const node of making.changed) look(node);
    if (!making.isVoid) this.#isStale = false;
    return planned;
  }
}

/** A plan that is being made. */
interface Making {
  isVoid: boolean;
  /** What changed since it was begun, and is to be looked at again. */
  changed: Set<Node>;
}

/** How a node differed at one moment. */
class PlannedDifference implements Difference, PlannedNode {
  readonly node: Node;
  readonly version: number;
  readonly id: number;
  readonly kind: Difference['kind'];
  readonly parent: number | null;
  readonly name: string;
  readonly synced: Difference['synced'];
  readonly sent: Difference['sent'];
  readonly contentDirty: boolean;
  readonly metadataDirty: boolean;
  readonly contentVersion: number;

  constructor(node: Node) {
    this.node = node;
    this.version = node.version;
    this.id = node.id;
    this.kind = node.kind;
    this.parent = node.parent;
    this.name = node.name;
    this.synced = node.synced;
    this.sent = node.sent;
    this.contentDirty = node.contentDirty;
    this.metadataDirty = node.metadataDirty;
    this.contentVersion = node.contentVersion;
  }
}
