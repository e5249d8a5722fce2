import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError } from './errors.ts';
import { copyByRewriting, moveByCopying } from './fallbacks.ts';
import { readText, writeBytes } from './operations.ts';
import type { Download, ReadOptions, TransferOptions } from './store.ts';

class RewritingStore extends MemoryStore {
  override copy(from: string, to: string, options?: TransferOptions): Promise<void> {
    return copyByRewriting(this, from, to, options);
  }

  override move(from: string, to: string, options?: TransferOptions): Promise<void> {
    return moveByCopying(this, from, to, options);
  }
}

for (const preconditions of ['atomic', 'none'] as const) {
  testStore(`copyByRewriting and moveByCopying, preconditions ${preconditions}`, {
    runner: { describe, it },
    open: () => new RewritingStore({ preconditions }),
  });
}

/** Somebody else who does something each time a file has been read. */
class DisturbedStore extends RewritingStore {
  disturb: (path: string) => Promise<void> = async () => {};

  override async read(path: string, options?: ReadOptions): Promise<Download> {
    const download = await super.read(path, options);
    await this.disturb(path);
    return download;
  }
}

describe('moveByCopying', () => {
  it('keeps what was changed at the old place meanwhile', async () => {
    const store = new DisturbedStore();
    await writeBytes(store, '/d/file', 'old');
    store.disturb = async (path) => {
      store.disturb = async () => {};
      await writeBytes(store, path, 'changed meanwhile');
    };
    await assert.rejects(
      store.move('/d', '/e'),
      (error) => isStoreError(error, 'Conflict') && error.operation === 'move',
    );
    assert.deepEqual(
      [await readText(store, '/d/file'), await readText(store, '/e/file')],
      ['changed meanwhile', 'old'],
    );
  });

  it('keeps what was added at the old place meanwhile', async () => {
    const store = new DisturbedStore();
    await writeBytes(store, '/d/file', 'old');
    store.disturb = async () => void (await writeBytes(store, '/d/added', 'added meanwhile'));
    await assert.rejects(store.move('/d', '/e'), (error) => isStoreError(error, 'NotEmpty'));
    store.disturb = async () => {};
    assert.deepEqual([await readText(store, '/d/added'), await readText(store, '/e/file')], ['added meanwhile', 'old']);
  });
});
