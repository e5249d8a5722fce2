/** Time in milliseconds, from any beginning; a test puts its own in the place. */
export interface Clock {
  now(): number;
  /** Runs `work` once after `delay`, unless the returned function is called before. */
  after(delay: number, work: () => void): () => void;
}

/** The machine's monotonic time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, work) {
    const timer = setTimeout(work, delay);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delay`; throws `signal.reason` at once when it is aborted before. */
export async function pause(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = clock.after(delay, resolve);
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
