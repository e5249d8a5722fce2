/** Repeats `change` until `look` has ended, and waits for both. Throws what either throws, `look`'s first. */
export async function whileRunning(change: (round: number) => Promise<void>, look: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const looking = look().finally(() => stop.abort());
  const results = await Promise.allSettled([looking, repeat(change, stop.signal)]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function repeat(change: (round: number) => Promise<void>, stop: AbortSignal): Promise<void> {
  for (let round = 0; !stop.aborted; round++) await change(round);
}
