import { describe, it } from 'node:test';
import { testStore } from '../conformance/index.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { withMetadataCache } from './metadata-cache.ts';

const runner = { describe, it };
testStore('metadata-cache(memory)', { runner, open: () => withMetadataCache(new MemoryStore({ changes: 'wait' })) });
testStore('metadata-cache(memory) that lists nothing by itself', {
  runner,
  open: () => withMetadataCache(new MemoryStore(), { prefetch: 0 }),
});
testStore('metadata-cache(memory) with room for five', {
  runner,
  open: () => withMetadataCache(new MemoryStore(), { maxEntries: 5 }),
});
testStore('metadata-cache(memory) without case', {
  runner,
  open: () => withMetadataCache(new MemoryStore({ caseSensitive: false })),
});
testStore('metadata-cache(memory) whose listings tell no metadata', {
  runner,
  open: () => withMetadataCache(new MemoryStore({ metadataListed: false })),
});
