import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { seededRandom } from '../../src/layers/seeded-random.ts';

/** Random changes below a directory. */
export interface Workload<S> {
  next(number: number): S;
  /** Throws when something failed, as everything does when the daemon behind the directory is gone. */
  do(step: S): void;
}

/** A whole number from 0 up to but without `below`. */
export type Pick = (below: number) => number;

/**
 * The program of a writer (`WriterProcess`): changes files below the directory that its argument names whenever a line `[seed, first number]` comes, until
 * something fails. On standard output it says, a line each, what it is about to do (`begin`), what was acknowledged (`done`), and at last `end`, as JSON.
 */
export async function runWriter<S>(workloadIn: (root: string, pick: Pick) => Workload<S>): Promise<void> {
  const [root = ''] = process.argv.slice(2);
  for await (const line of createInterface({ input: process.stdin })) {
    const [seed, first] = JSON.parse(line) as [number, number];
    const random = seededRandom(seed);
    const workload = workloadIn(root, (below) => Math.floor(random() * below));
    try {
      for (let number = first; ; number++) {
        const step = workload.next(number);
        say('begin', step);
        workload.do(step);
        say('done', step);
      }
    } catch (error) {
      say('end', { ...(error as object), message: String(error) });
    }
  }
}

function say(what: 'begin' | 'done' | 'end', step: unknown): void {
  writeSync(1, `${JSON.stringify({ what, step })}\n`);
}
