import { atOnce, nextTurn } from './turns.ts';

/**
 * Hands on what comes, piece by piece: as soon as a turn of the event loop has brought something, and never more than `atOnce` in
 * one turn. Resolves when all was taken; rejects when the rest cannot be had, or with what `take` threw.
 */
export async function eachPiece<T>(
  all: AsyncIterable<T> | Iterable<T>,
  take: (piece: readonly T[]) => void,
): Promise<void> {
  let piece: T[] = [];
  let turn: NodeJS.Immediate | undefined;
  let failure: { readonly error: unknown } | undefined;
  const handOn = (): void => {
    const taken = piece;
    piece = [];
    if (taken.length > 0) take(taken);
  };
  const handOnInTurn = (): void => {
    turn = undefined;
    try {
      handOn();
    } catch (error) {
      failure = { error };
    }
  };
  try {
    for await (const one of all) {
      if (failure !== undefined) throw failure.error;
      piece.push(one);
      if (piece.length < atOnce) {
        turn ??= setImmediate(handOnInTurn);
        continue;
      }
      handOn();
      await nextTurn();
    }
    handOn();
  } finally {
    clearImmediate(turn);
  }
  if (failure !== undefined) throw failure.error;
}
