/**
 * Steps of a long work, each some ten microseconds, after which others get their turn: a request of the kernel waits for no
 * more than these.
 */
export const atOnce = 64;

/** Lets the event loop turn: what waits there, requests of the kernel first of all, is served. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
