import type { Random } from './mutation.ts';

/** Something that takes bytes from outside. */
export interface FuzzTarget extends AsyncDisposable {
  readonly name: string;
  /** How much of the time it gets, compared with the others. */
  readonly share: number;
  /** The bytes of one case. */
  make(random: Random): Buffer;
  /** Takes them. Rejects with what must not be: a wrong kind of error, a wrong answer, no answer in time. */
  take(input: Buffer): Promise<void>;
}

/** A target without anything to end. */
export function plainTarget(target: Omit<FuzzTarget, typeof Symbol.asyncDispose>): FuzzTarget {
  return { ...target, [Symbol.asyncDispose]: async () => undefined };
}
