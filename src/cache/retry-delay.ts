const first = 1_000;
const longest = 300_000;

/**
 * Milliseconds to wait after so many failures in a row: doubling from one second to five minutes, spread by half to both
 * sides so that many failed at once do not come back at once. What the service asked for is the least.
 */
export function retryDelay(failures: number, retryAfter = 0, random: () => number = Math.random): number {
  const backOff = Math.min(longest, first * 2 ** Math.min(30, failures - 1));
  return Math.max(retryAfter, backOff * (0.5 + random()));
}
