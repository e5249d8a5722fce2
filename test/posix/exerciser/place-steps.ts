import { constants, existsSync, renameSync, unlinkSync } from 'node:fs';
import { constantsOfLinux, renameWith } from '../system-calls.ts';
import type { ExerciseWorld } from './exercise-world.ts';
import type { ExerciseStep } from './file-steps.ts';

const mostOpen = 12;

function open(world: ExerciseWorld): void {
  if (world.open.length >= mostOpen) return close(world);
  const name = world.anyName();
  const [label, flags] = world.pick([
    ['', 0],
    [' by O_APPEND', constants.O_APPEND],
    [' by O_TRUNC', constants.O_TRUNC],
  ] as const);
  world.note(`open ${name}${label}`);
  world.openName(name, flags);
}

function close(world: ExerciseWorld): void {
  const opened = world.anyOpen();
  world.note(`close ${opened.label}`);
  world.close(opened);
}

function rename(world: ExerciseWorld): void {
  const from = world.anyFile();
  const to = world.anyName();
  if (from === undefined || from[0] === to) return;
  const [name, file] = from;
  const standing = world.files.get(to);
  if (standing !== undefined && world.below(2) === 0) {
    world.note(`exchange ${name} and ${to}`);
    renameWith(world.path(name), world.path(to), constantsOfLinux.RENAME_EXCHANGE);
    world.files.set(name, standing);
  } else {
    world.note(`rename ${name} to ${to}`);
    renameSync(world.path(name), world.path(to));
    world.files.delete(name);
  }
  world.files.set(to, file);
}

function unlink(world: ExerciseWorld): void {
  const name = world.anyName();
  world.note(`unlink ${name}`);
  if (existsSync(world.path(name)) !== world.files.has(name)) throw new Error(`${name} is there, or is not, wrongly`);
  if (world.files.delete(name)) unlinkSync(world.path(name));
}

function verify(world: ExerciseWorld): void {
  world.note('verify all');
  world.verify();
}

/** Steps upon names and descriptors. */
export const placeSteps: readonly ExerciseStep[] = [
  { weight: 6, run: open },
  { weight: 5, run: close },
  { weight: 2, run: rename },
  { weight: 1, run: unlink },
  { weight: 0.2, run: verify },
];
