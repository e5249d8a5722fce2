import { isInside } from '../store/path.ts';
import type { Node } from './node.ts';
import type { Operation } from './planner.ts';

const most = 32;
const largeBytes = 8 << 20;
const mostLarge = 4;
/** So many successes in a row win one more slot. */
const patience = 16;

interface Running {
  readonly paths: readonly string[];
  /** It renames or removes a directory, so nothing below may run at the same time. */
  readonly exclusive: boolean;
  readonly large: boolean;
  /** Which operation of this process it is. */
  readonly number: number;
}

/**
 * How many operations run at a time, and which may run beside each other: many small files, few large ones, and nothing
 * inside a directory that is just being moved. The number adapts to the service: halved when it complains about the rate
 * (once for all that were under way together), raised by one after a while without complaint.
 */
export class UploadSlots {
  readonly #running = new Map<Operation, Running>();
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
  fits(operation: Operation, node: Node, paths: readonly string[]): boolean {
    const wanted = describe(operation, node, paths, 0);
    if (wanted.large && [...this.#running.values()].filter(({ large }) => large).length >= mostLarge) return false;
    for (const other of this.#running.values()) if (disturb(wanted, other) || disturb(other, wanted)) return false;
    return true;
  }

  begin(operation: Operation, node: Node, paths: readonly string[]): void {
    this.#running.set(operation, describe(operation, node, paths, ++this.#begun));
  }

  end(operation: Operation, result: 'done' | 'failed' | 'rateLimited'): void {
    const number = this.#running.get(operation)?.number ?? 0;
    this.#running.delete(operation);
    if (result === 'rateLimited') {
      if (number <= this.#lastHalved) return;
      this.#lastHalved = this.#begun;
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      this.#successes = 0;
    } else if (result === 'done' && ++this.#successes >= patience) {
      this.#limit = Math.min(most, this.#limit + 1);
      this.#successes = 0;
    }
  }
}

function describe(operation: Operation, node: Node, paths: readonly string[], number: number): Running {
  const moves = operation.kind === 'move' || operation.kind === 'moveAside' || operation.kind === 'delete';
  return {
    paths,
    exclusive: moves && node.kind === 'directory',
    large: operation.kind === 'upload' && node.size > largeBytes,
    number,
  };
}

function disturb(one: Running, other: Running): boolean {
  return one.paths.some((path) =>
    other.paths.some((otherPath) => path === otherPath || (one.exclusive && isInside(otherPath, path))),
  );
}
