import { seededRandom } from '../../../src/layers/seeded-random.ts';
import type { ExerciseSubject } from './exercise-subject.ts';
import { ExerciseWorld } from './exercise-world.ts';
import { type ExerciseStep, fileSteps } from './file-steps.ts';
import { mountSteps, verifyStore } from './mount-steps.ts';
import { placeSteps } from './place-steps.ts';

/** How long and from where. */
export interface ExerciseOptions {
  readonly seed: number;
  readonly operations: number;
  /** Told how many are done, now and then. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Reads, writes, cuts, maps, renames, drops and remounts at random, and compares each answer with a model in memory (after
 * fsx of the NeXT, by A. Tevanian). The same seed takes the same steps. Rejects with the first difference and with the steps before it.
 */
export async function exercise(subject: ExerciseSubject, options: ExerciseOptions): Promise<void> {
  const { seed, operations, onProgress } = options;
  const random = seededRandom(seed);
  const world = new ExerciseWorld(subject, random);
  const choose = chooser([...fileSteps, ...placeSteps, ...mountSteps(subject)], random);
  try {
    for (let done = 0; done < operations; done++) {
      await choose().run(world);
      if (done % 1000 === 999) onProgress?.(done + 1);
    }
    world.verify();
    world.closeAll();
    await subject.drain?.();
    verifyStore(world);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`seed ${seed}, the last steps:\n${world.trail}\n${message}`, { cause: error });
  }
}

function chooser(steps: readonly ExerciseStep[], random: () => number): () => ExerciseStep {
  const total = steps.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = random() * total;
    return steps.find(({ weight }) => (left -= weight) < 0) ?? (steps[0] as ExerciseStep);
  };
}
