/**
 * Steps of a long work, each some ten microseconds, after which others get their turn: a request of the kernel waits for no
 * more than these.
 */
export const atOnce = 64;

/** Lets the event loop turn: what waits there, requests of the kernel first of all, is served. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Takes a long work to its end, so many steps a turn; undefined when it is not wanted any more. `onPiece` gets the milliseconds that each
 * turn's part took.
 */
export async function inTurns<T>(
  steps: Generator<void, T>,
  stepsAtOnce: number,
  isWanted: () => boolean,
  onPiece: (milliseconds: number) => void = () => undefined,
): Promise<T | undefined> {
  while (isWanted()) {
    const began = performance.now();
    for (let made = 0; made < stepsAtOnce; made++) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
    onPiece(performance.now() - began);
    await nextTurn();
  }
  return undefined;
}
