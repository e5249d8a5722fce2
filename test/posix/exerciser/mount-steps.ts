import { closeSync } from 'node:fs';
import { constants, fsyncSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExerciseSubject } from './exercise-subject.ts';
import type { ExerciseWorld } from './exercise-world.ts';
import type { ExerciseStep } from './file-steps.ts';

/** Steps upon what serves the directory, as far as the subject has them. */
export function mountSteps(subject: ExerciseSubject): readonly ExerciseStep[] {
  const { drain, remount, crash, dropCaches } = subject;
  const steps: ExerciseStep[] = [];
  if (drain !== undefined) steps.push({ weight: 0.1, run: (world) => drainAll(world, drain) });
  if (remount !== undefined) steps.push({ weight: 0.025, run: (world) => mountAgain(world, remount) });
  if (crash !== undefined) steps.push({ weight: 0.02, run: (world) => kill(world, crash) });
  if (dropCaches !== undefined) steps.push({ weight: 0.05, run: (world) => forgetCaches(world, dropCaches) });
  return steps;
}

/** Often with everything closed, so that contents can be dropped, and must be fetched again. */
async function drainAll(world: ExerciseWorld, drain: () => Promise<void>): Promise<void> {
  if (world.below(3) > 0) {
    world.note('close all');
    world.closeAll();
  }
  syncMapped(world);
  world.note('drain');
  await drain();
  verifyStore(world);
}

async function mountAgain(world: ExerciseWorld, remount: () => Promise<void>): Promise<void> {
  world.note('close all, mount again');
  world.closeAll();
  await remount();
  world.verify();
}

/** What was written is kept when its process or the daemon dies; what was changed through a mapping, when it was synced. */
async function kill(world: ExerciseWorld, crash: () => Promise<void>): Promise<void> {
  syncMapped(world);
  world.note('kill the daemon');
  await crash();
  for (const { descriptor } of world.open.splice(0)) closeLost(descriptor);
  world.verify();
}

function closeLost(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch (error) {
    // Its daemon is dead; the descriptor is closed all the same (close(2)).
    if ((error as NodeJS.ErrnoException).code !== 'ENOTCONN') throw error;
  }
}

function forgetCaches(world: ExerciseWorld, dropCaches: () => void): void {
  world.note('drop the caches of the kernel');
  dropCaches();
  world.verify();
}

function syncMapped(world: ExerciseWorld): void {
  for (const [name, file] of world.files) {
    if (!file.mapped) continue;
    const descriptor = openSync(world.path(name), constants.O_RDWR);
    fsyncSync(descriptor);
    closeSync(descriptor);
    file.mapped = false;
  }
}

/** Fails unless the store has what the directory has. */
export function verifyStore(world: ExerciseWorld): void {
  const { storeDirectory } = world.subject;
  if (storeDirectory === undefined) return;
  for (const [name, file] of world.files)
    world.compare(`${name} at the store`, 0, readFileSync(join(storeDirectory, name)), file.slice(0, file.size));
  const stored = readdirSync(storeDirectory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const extra = stored.map(({ name }) => name).filter((name) => !/^[abcd]$/.test(name));
  if (extra.length > 0 || stored.length !== world.files.size)
    throw new Error(`the store has ${stored.map(({ name }) => name).join()}`);
}
