import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openThreadedStore as open } from '../../test/fakes/open-threaded-store.ts';
import { testStore } from '../conformance/test-store.ts';

testStore('a memory store in a thread', {
  runner: { describe, it },
  open: () => open({ kind: 'memory', options: { resumableFrom: 1 << 20, partialFrom: 1 << 20 } }),
});

describe('a local store in a thread', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloudfusion-thread-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  testStore('local', {
    runner: { describe, it },
    open: async () => open({ kind: 'local', root: await mkdtemp(join(directory, 'root-')) }),
  });
});
