import assert from 'node:assert/strict';
import type { OpenFile } from '../../src/cache/node-tree.ts';
import type { CacheTrial } from './cache-trial.ts';

/** Opens a file as the kernel does in passthrough mode. `isMapped`: whether programs keep it mapped. */
export async function openDirectly(
  trial: CacheTrial,
  path: string,
  write: boolean,
  isMapped: () => boolean = () => false,
): Promise<[OpenFile, number]> {
  const file = await trial.open(path, write);
  const direct = file.openDirectly(false, isMapped);
  assert.ok(direct !== undefined, `${path} cannot be opened directly`);
  return [file, direct.descriptor];
}
