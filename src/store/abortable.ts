/**
 * The values of `values`, until `signal` is aborted: then it throws `signal.reason` at once, even while the next value is
 * still awaited, and tells the iterator to end without waiting for it. Leaving early ends the iterator too.
 */
export async function* abortable<T>(values: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* values;
    return;
  }
  signal.throwIfAborted();
  const iterator = values[Symbol.asyncIterator]();
  let interrupt: ((reason: unknown) => void) | undefined;
  const onAbort = (): void => interrupt?.(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    for (;;) {
      // Not Promise.race against one long-lived promise: it would keep every chunk alive until the end.
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
      signal.throwIfAborted();
    }
  } catch (error) {
    ended = true;
    // A generator that is suspended in an await answers `return` only afterwards, perhaps never; the first error is what counts.
    iterator.return?.().catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!ended) await iterator.return?.();
  }
}
