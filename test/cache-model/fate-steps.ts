import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStoreError } from '../../src/store/errors.ts';
import { readBytes, writeBytes } from '../../src/store/operations.ts';
import { attempt } from './attempt.ts';
import type { World } from './world.ts';

export async function theyWrite(world: World): Promise<string> {
  const path = `/theirs ${world.dice.below(3)}`;
  const bytes = world.dice.bytes(world.dice.size());
  await writeBytes(world.store, path, bytes);
  world.theirs.set(path, bytes);
  if (world.dice.below(2) === 0) await attempt(world, undefined, () => world.cache.stat('/'));
  if (world.dice.below(2) === 0)
    await readBytes(world.cache, path).catch((error: unknown) => assert.ok(isStoreError(error), String(error)));
  return `they write ${path}`;
}

export async function pause(world: World): Promise<string> {
  const milliseconds = world.dice.below(15);
  await sleep(milliseconds);
  return `pause ${milliseconds}`;
}

export async function drain(world: World): Promise<string> {
  const signal = AbortSignal.timeout(300);
  const failure = await world.cache.drain({ signal }).catch((error: unknown) => error);
  if (failure !== undefined && failure !== signal.reason && !world.isFaulty) throw failure;
  return failure instanceof Error ? `drain: ${failure.message}` : 'drain: done';
}

export async function restart(world: World): Promise<string> {
  await world.restart();
  return 'restart';
}

export async function crash(world: World): Promise<string> {
  await world.crash();
  return 'crash';
}
