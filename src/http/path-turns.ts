/**
 * Lets whoever changes what stands at a path do so one after the other: a service that knows ids and not paths would take all of
 * them, and keep them all.
 */
export class PathTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does `work` when all earlier work for these paths has ended. Rejects with `signal.reason` while it waits. */
  async inTurn<T>(paths: readonly string[], signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const earlier = Promise.all(paths.map((path) => this.#last.get(path) ?? Promise.resolve()));
    const done = Promise.withResolvers<void>();
    const end = earlier.then(() => done.promise);
    for (const path of paths) this.#last.set(path, end);
    try {
      await untilAborted(earlier, signal);
      return await work();
    } finally {
      done.resolve();
      for (const path of paths) if (this.#last.get(path) === end) this.#last.delete(path);
    }
  }
}

async function untilAborted(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return void (await turn);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([turn, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
