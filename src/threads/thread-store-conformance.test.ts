import { describe, it } from 'node:test';
import { openThreadedStore as open } from '../../test/fakes/open-threaded-store.ts';
import { testStore } from '../conformance/test-store.ts';

testStore('a memory store in a thread', {
  runner: { describe, it },
  open: () => open({ kind: 'memory', options: { resumableFrom: 1 << 20, partialFrom: 1 << 20 } }),
});
