import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';
import type { Store } from '../store/store.ts';
import { withWriteBackCache } from './write-back-cache.ts';

/** A cache in a folder of its own, which goes when the test's store is closed. */
function openCache(store: Store, uploadDelay: number): Store {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-cache-'));
  const cache = withWriteBackCache(store, { directory, uploadDelay });
  const close = cache.close.bind(cache);
  cache.close = async () => {
    await close();
    rmSync(directory, { recursive: true, force: true });
  };
  return cache;
}

testStore('write-back cache, nothing sent', {
  runner: { describe, it },
  open: () => openCache(new MemoryStore(), 3_600_000),
});
testStore('write-back cache, sent at once', { runner: { describe, it }, open: () => openCache(new MemoryStore(), 0) });
testStore('write-back cache over a store of modes that listings do not tell', {
  runner: { describe, it },
  open: () => openCache(new MemoryStore({ metadata: 'mode', metadataListed: false }), 0),
});

it('an entry tells no metadata where the store keeps none', { timeout: 30_000 }, async () => {
  await using scope = new AsyncDisposableStack();
  const cache = openCache(new MemoryStore({ metadata: 'none' }), 3_600_000);
  scope.defer(() => cache.close());
  const written = await writeBytes(cache, '/file', 'content');
  assert.ok(!Object.hasOwn(written, 'metadata'));
  assert.deepEqual(await cache.stat('/file'), written);
});
