import { racedByAbort } from './raced-by-abort.ts';

/**
 * Lets one change of a path follow the other within this store, so that the entry which a writer looks up after its upload is
 * its own. Other clients are kept apart by conditions and locks.
 */
export class WritersOfPath {
  readonly #last = new Map<string, Promise<void>>();

  /** Does `work` when all that was begun before for this path has ended. An abort ends the waiting. */
  async inTurn<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(path) ?? Promise.resolve();
    const { promise: mine, resolve: end } = Promise.withResolvers<void>();
    const turn = before.then(() => mine);
    this.#last.set(path, turn);
    try {
      await racedByAbort(before, signal);
      return await work();
    } finally {
      end();
      if (this.#last.get(path) === turn) this.#last.delete(path);
    }
  }
}
