const lastOfKey = new Map<string, Promise<unknown>>();

/** Runs `work` when everything that was begun before with the same key in this process has ended, well or not. */
export async function withLock<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = lastOfKey.get(key) ?? Promise.resolve();
  const turn = before.then(work, work);
  lastOfKey.set(key, turn);
  try {
    return await turn;
  } finally {
    if (lastOfKey.get(key) === turn) lastOfKey.delete(key);
  }
}
