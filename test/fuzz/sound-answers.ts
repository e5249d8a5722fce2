import assert from 'node:assert/strict';
import { isStoreError } from '../../src/store/errors.ts';
import { assertCanonical, isInside } from '../../src/store/path.ts';
import type { Entry } from '../../src/store/store.ts';

/** Fails unless an entry is one that the contract allows. */
export function assertSound(entry: Entry, at?: string): void {
  assertCanonical(entry.path);
  if (at !== undefined) assert.equal(entry.path, at);
  const { modified } = entry;
  assert.ok(modified === undefined || Number.isFinite(modified), `a time of ${modified}`);
  if (entry.kind === 'directory') return;
  assert.equal(entry.kind, 'file');
  assert.ok(Number.isSafeInteger(entry.size) && entry.size >= 0, `a size of ${entry.size}`);
  assert.equal(typeof entry.modified, 'number');
  for (const text of [entry.revision, entry.id]) assert.ok(text === undefined || typeof text === 'string');
  for (const text of Object.values(entry.metadata ?? {})) assert.equal(typeof text, 'string');
}

/** Fails unless all entries are sound and below the directory. */
export function assertListing(entries: readonly Entry[], directory: string): void {
  for (const entry of entries) {
    assertSound(entry);
    assert.ok(isInside(entry.path, directory), `${entry.path} in ${directory}`);
  }
}

/** Does what may fail as stores fail, and in no other way. Answers whether it succeeded. */
export async function asStoresDo(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isStoreError(error)) return false;
    throw error;
  }
}
