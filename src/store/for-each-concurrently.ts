/**
 * Calls `work` for each value, at most `limit` at once. After the first failure nothing new begins; it is thrown when the
 * calls that were under way have ended, so nothing runs on behind the caller's back.
 */
export async function forEachConcurrently<T>(
  values: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (value: T) => Promise<void>,
): Promise<void> {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RangeError(`limit is a whole number, 1 or more, not ${limit}`);
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const value of values) {
      const call: Promise<void> = work(value)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(call));
      running.add(call);
      if (running.size >= limit) await Promise.race(running);
      if (failure !== undefined) break;
    }
  } finally {
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure.error;
}
