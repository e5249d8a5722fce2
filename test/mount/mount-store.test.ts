import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Mounted,
  MemoryStore,
  mountStore,
  readText,
  withWriteBackCache,
  type WriteBackCache,
} from '../../src/index.ts';
import { withoutFuse } from './mounted.ts';
import { runShell, tryProgram } from './run-program.ts';

describe('a store mounted by a program', { skip: withoutFuse, timeout: 60_000 }, () => {
  const store = new MemoryStore();
  let directory: string;
  let cache: WriteBackCache;
  let mounted: Mounted;
  // Not in the mount itself: this process, which serves it, would wait in spawn until it had served the change of directory.
  const shell = (script: string): Promise<string> => runShell(`cd mnt; ${script}`, directory);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cloudfusion-mount-store-'));
    await mkdir(join(directory, 'mnt'));
    cache = withWriteBackCache(store, { directory: join(directory, 'cache') });
    mounted = await mountStore(cache, { mountPoint: join(directory, 'mnt') });
  });
  after(async () => {
    await mounted.unmount({ force: true });
    await cache.close();
    await rm(directory, { recursive: true });
  });

  it('is used by other programs, and by this one', async () => {
    assert.equal(await shell('echo hello > data/a; cat stats/notuploaded'), '/a\n');
    assert.equal(await readText(cache, '/a'), 'hello\n');
    await cache.drain();
    assert.equal(await readText(store, '/a'), 'hello\n');
    assert.equal(await shell('cat stats/notuploaded stats/errors'), '');
    assert.match(await shell('cat stats/stats'), /^(?:cached files are read|all reads and writes go).*passthrough/m);
  });

  it('cannot be configured by others', async () => {
    const { status, errors } = await tryProgram('cp', ['/proc/version', 'mnt/config/config'], directory);
    assert.equal(status, 1);
    assert.match(errors, /Invalid argument/);
  });

  it('ends when its configuration is deleted, and the cache stays', async () => {
    await shell('rm config/config');
    await mounted.finished;
    assert.equal(await readText(cache, '/a'), 'hello\n');
  });
});
