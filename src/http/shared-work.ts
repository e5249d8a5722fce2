/**
 * Work that several callers want at the same time and that is done once for all of them. It is aborted for nobody: a caller
 * whose signal aborts leaves alone.
 */
export class SharedWork<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** What `work` answers, or what the same work that is under way already does. Rejects with `signal.reason` at once. */
  do(name: string, work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    let running = this.#running.get(name);
    if (running === undefined) {
      running = work().finally(() => this.#running.delete(name));
      running.catch(() => {});
      this.#running.set(name, running);
    }
    return unlessAborted(running, signal);
  }
}

/** What `work` comes to, or `signal.reason` as soon as the caller leaves; the work goes on. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
