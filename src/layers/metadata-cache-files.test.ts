import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { bytesSource } from '../store/source.ts';
import type { Metadata, Store } from '../store/store.ts';
import { withMetadataCache } from './metadata-cache.ts';
import { withStatistics } from './statistics.ts';

async function metadataOf(store: Store, path: string): Promise<Metadata | undefined> {
  const entry = await store.stat(path);
  return entry.kind === 'file' ? entry.metadata : undefined;
}

test('metadata that listings do not tell is asked for once, for files only', async () => {
  const memory = new MemoryStore({ metadataListed: false });
  await memory.write('/d/a', bytesSource('a'), { metadata: { mode: '100755' } });
  await memory.makeDirectory('/d/e');
  const counted = withStatistics(memory);
  const store = withMetadataCache(counted);
  for (let times = 0; times < 3; times++) {
    assert.deepEqual(await metadataOf(store, '/d/a'), { mode: '100755' });
    assert.equal((await store.stat('/d/e')).kind, 'directory');
  }
  const { operations } = counted.statistics();
  assert.deepEqual([operations.list.calls, operations.stat.calls], [1, 1]);
});

test('metadata that was written or set is known', async () => {
  const counted = withStatistics(new MemoryStore({ metadataListed: false }));
  const store = withMetadataCache(counted);
  await store.write('/a', bytesSource('a'), { metadata: { mode: '100755' } });
  assert.deepEqual(await metadataOf(store, '/a'), { mode: '100755' });
  await store.setMetadata('/a', { mode: '100600' });
  assert.deepEqual(await metadataOf(store, '/a'), { mode: '100600' });
  assert.equal(counted.statistics().operations.stat.calls, 0);
});
