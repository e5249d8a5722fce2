import { nextTurn } from '../../src/cache/turns.ts';

/** Nothing carries what its row does not tell. */
export const notNeeded: { readonly isNeeded: () => boolean; readonly saveTimes: () => Generator<void> } = {
  isNeeded: () => false,
  *saveTimes() {},
};

/** Lets the event loop turn until something is so; throws where it never is. Answers how many turns that took. */
export async function until(isSo: () => boolean): Promise<number> {
  for (let turns = 0; turns < 10_000; turns++) {
    if (isSo()) return turns;
    await nextTurn();
  }
  throw new Error(`it is not so: ${isSo.toString()}`);
}
