import type { Node } from './node.ts';
import { PathClaims } from './path-claims.ts';
import type { Operation } from './operation.ts';

const most = 32;
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
  readonly sort: 'large' | 'delete' | 'other';
  /** Which call of this process it is. */
  readonly number: number;
}

/**
 * How many calls run at a time, and which may run beside each other: many small files, few large ones, and nothing
 * inside a directory that is just being moved. The number adapts to the service: halved when it complains about the rate
 * (once for all that were under way together), raised by one after a while without complaint.
 */
export class UploadSlots {
  readonly #running = new Map<Operation, Running>();
  readonly #claims = new PathClaims();
  #limit: number;
  #successes = 0;
  #begun = 0;
  #lastHalved = 0;

  constructor(start: number) {
    this.#limit = Math.min(most, start);
  }

  get running(): number {
    return this.#running.size;
  }

  get isFull(): boolean {
    return this.#running.size >= this.#limit;
  }

  /** Whether the operation may start beside those that run. */
  fits({ operation, node, paths }: Placed): boolean {
    const sort = sortOf(operation, node);
    if (sort === 'large' && this.#countOf('large') >= mostLarge) return false;
    if (sort === 'delete' && this.#countOf('delete') >= mostDeletes) return false;
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
    this.#running.set(first.operation, { release, sort: sortOf(first.operation, first.node), number: ++this.#begun });
  }

  end(operation: Operation, result: 'done' | 'failed' | 'rateLimited'): void {
    const running = this.#running.get(operation);
    running?.release();
    this.#running.delete(operation);
    if (result === 'rateLimited') {
      if ((running?.number ?? 0) <= this.#lastHalved) return;
      this.#lastHalved = this.#begun;
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      this.#successes = 0;
    } else if (result === 'done' && ++this.#successes >= patience) {
      this.#limit = Math.min(most, this.#limit + 1);
      this.#successes = 0;
    }
  }

  #countOf(wanted: Running['sort']): number {
    return this.#running.values().reduce((count, { sort }) => count + (sort === wanted ? 1 : 0), 0);
  }
}

function sortOf({ kind }: Operation, node: Node): Running['sort'] {
  if (kind === 'delete') return 'delete';
  return kind === 'upload' && node.size > largeBytes ? 'large' : 'other';
}

/** It renames or removes a directory, so nothing below may run at the same time. */
function isWhole({ kind }: Operation, node: Node): boolean {
  return node.kind === 'directory' && (kind === 'move' || kind === 'moveAside' || kind === 'delete');
}
