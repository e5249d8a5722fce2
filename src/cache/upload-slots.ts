import type { Node } from './node.ts';
import { PathClaims } from './path-claims.ts';
import type { Operation } from './operation.ts';

/** Whoever makes two requests for a file, one after the other, fills no line with fewer. */
const most = 64;
const smallBytes = 1 << 20;
/** What takes longer shares the line with fewer. */
const mostOthers = 32;
/** What the store gathers goes in a few requests, however much it is. */
const mostGathered = 500;
const largeBytes = 8 << 20;
const mostLarge = 4;
/** Deletes go together, so few calls of many each are better than many calls of few. */
const mostDeletes = 4;
/** So many successes in a row win one more slot. */
const patience = 16;

/** An operation with its node and the paths at the store that it touches. */
export interface Placed {
  readonly operation: Operation;
  readonly node: Node;
  readonly paths: readonly string[];
}

interface Running {
  readonly release: () => void;
  readonly sort: Sort;
  /** Which call of this process it is. */
  readonly number: number;
}

type Sort = 'large' | 'delete' | 'gathered' | 'small' | 'other';

/**
 * How many calls run at a time, and which may run beside each other: many small files, fewer others, few large ones, and nothing
 * inside a directory that is just being moved. The number adapts to the service: halved when it complains about the rate
 * (once for all that were under way together), raised by one after a while without complaint. Uploads that the store gathers have places of their own.
 */
export class UploadSlots {
  readonly #running = new Map<Operation, Running>();
  readonly #claims = new PathClaims();
  readonly #gatheredUpTo: () => number;
  readonly #counts: Record<Sort, number> = { large: 0, delete: 0, gathered: 0, small: 0, other: 0 };
  #limit: number;
  #successes = 0;
  #begun = 0;
  #lastHalved = 0;

  /** `gatheredUpTo`: as the store's capability of that name is at the moment. */
  constructor(start: number, gatheredUpTo: () => number = () => 0) {
    this.#gatheredUpTo = gatheredUpTo;
    this.#limit = Math.min(most, start);
  }

  get running(): number {
    return this.#running.size;
  }

  get isFull(): boolean {
    return this.#isFullOfOthers && (this.#gatheredUpTo() === 0 || this.#counts.gathered >= mostGathered);
  }

  get #isFullOfOthers(): boolean {
    return this.#running.size - this.#counts.gathered >= this.#limit;
  }

  /** Whether the operation may start beside those that run. */
  fits({ operation, node, paths }: Placed): boolean {
    const sort = this.#sortOf(operation, node);
    if (sort === 'gathered' ? this.#counts.gathered >= mostGathered : this.#isFullOfOthers) return false;
    if (sort === 'other' && this.#counts.other >= mostOthers) return false;
    if (sort === 'large' && this.#counts.large >= mostLarge) return false;
    if (sort === 'delete' && this.#counts.delete >= mostDeletes) return false;
    return this.#claims.fits(paths, isWhole(operation, node));
  }

  /** The first one names the call to `end`; the others, deletes like it, go with it in one slot. */
  begin(first: Placed, others: readonly Placed[] = []): void {
    const releases = [first, ...others].map(({ operation, node, paths }) =>
      this.#claims.claim(paths, isWhole(operation, node)),
    );
    const release = (): void => {
      for (const end of releases) end();
    };
    const sort = this.#sortOf(first.operation, first.node);
    this.#counts[sort]++;
    this.#running.set(first.operation, { release, sort, number: ++this.#begun });
  }

  end(operation: Operation, result: 'done' | 'failed' | 'rateLimited'): void {
    const running = this.#running.get(operation);
    if (running === undefined) return;
    running.release();
    this.#running.delete(operation);
    this.#counts[running.sort]--;
    if (result === 'rateLimited') {
      if (running.number <= this.#lastHalved) return;
      this.#lastHalved = this.#begun;
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      this.#successes = 0;
    } else if (result === 'done' && ++this.#successes >= patience) {
      this.#limit = Math.min(most, this.#limit + 1);
      this.#successes = 0;
    }
  }

  #sortOf({ kind }: Operation, { size }: Node): Sort {
    if (kind === 'delete') return 'delete';
    if (kind !== 'upload') return 'other';
    const gathered = this.#gatheredUpTo();
    if (gathered > 0 && size <= gathered) return 'gathered';
    if (size <= smallBytes) return 'small';
    return size > largeBytes ? 'large' : 'other';
  }
}

/** It renames or removes a directory, so nothing below may run at the same time. */
function isWhole({ kind }: Operation, node: Node): boolean {
  return node.kind === 'directory' && (kind === 'move' || kind === 'moveAside' || kind === 'delete');
}
