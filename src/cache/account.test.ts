import assert from 'node:assert/strict';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { CacheTrial, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { readBytes, writeBytes } from '../store/operations.ts';

const limit = { timeout: 20_000 };

it('a write into a file of which nothing is here counts its own bytes', limit, async (t) => {
  const trial = new CacheTrial(t);
  await writeBytes(trial.store, '/f', 'x'.repeat(1000));
  const file = await trial.open('/f', true);
  trial.faults.offline = true;
  await file.write(100, Buffer.from('within'));
  assert.equal(trial.cache.statistics().cachedBytes, 6);
  await file.write(998, Buffer.from('over the end'));
  assert.equal(trial.cache.statistics().cachedBytes, 18);
  await file.write(1020, Buffer.from('behind a gap'));
  assert.equal(trial.cache.statistics().cachedBytes, 40);
  trial.faults.offline = false;
  await trial.cache.drain();
  assert.equal(trial.cache.statistics().cachedBytes, 1032);
  file.release();
  await trial.reopen();
  assert.equal(trial.cache.statistics().cachedBytes, 1032);
});

it('a file that is lengthened, and had to go for that, is counted once', limit, async (t) => {
  const trial = new CacheTrial(t, { maxBytes: 200 });
  await trial.save('/f', 'x'.repeat(150));
  await trial.cache.drain();
  trial.faults.offline = true;
  await trial.tree.truncate(await trial.id('/f'), 250);
  assert.equal(trial.cache.statistics().cachedBytes, 100);
  trial.faults.offline = false;
  await trial.cache.drain();
  assert.equal((await trial.text('/f')).length, 250);
  const { cachedBytes } = trial.cache.statistics();
  await trial.reopen();
  assert.equal(trial.cache.statistics().cachedBytes, cachedBytes);
});

it('a file that was removed while it was open leaves nothing behind after a kill', limit, async (t) => {
  const trial = new CacheTrial(t);
  await trial.save('/f', 'content');
  await trial.cache.drain();
  const file = await trial.open('/f');
  await trial.remove('/f');
  const directory = trial.copyOfDirectory();
  file.release();
  const after = new CacheTrial(t, { store: trial.store, directory });
  assert.equal(after.cache.statistics().cachedBytes, 0);
  assert.deepEqual(dataFiles(directory), []);
  await after.save('/f', 'another');
  await after.cache.drain();
  assert.equal(after.cache.statistics().cachedBytes, 7);
});

it('a file that is removed while it comes leaves nothing behind', limit, async (t) => {
  for (const rangedReads of [true, false]) {
    const trial = new CacheTrial(t, { store: new MemoryStore({ rangedReads }) });
    await writeBytes(trial.store, '/f', Buffer.alloc(1 << 20, 'x'));
    const file = await trial.open('/f', true);
    trial.faults.pause(({ operation }) => operation === 'read');
    await file.write(0, Buffer.from('edited'));
    await trial.faults.held();
    await trial.remove('/f');
    file.release();
    trial.faults.resume();
    const isIdle = (): boolean => trial.seen.every(({ outcome }) => outcome !== 'running');
    for (let turns = 0; turns < 20; turns++) {
      await until(isIdle);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(trial.cache.statistics().cachedBytes, 0);
    // Once the disk has the removal; an empty one may be kept for the next file.
    await until(() => dataFiles(trial.directory, 1).length === 0);
  }
});

it(
  'what came of a file before the connection broke, or the cache was closed, is known after a restart',
  limit,
  async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/f', Buffer.alloc(300_000, 'x'));
    await writeBytes(trial.store, '/g', Buffer.alloc(300_000, 'x'));
    trial.faults.shortReadRate = 1;
    await assert.rejects(readBytes(trial.cache, '/f'), { code: 'Unavailable' });
    for await (const _chunk of (await trial.cache.read('/g', { length: 1 })).body) break;
    const { cachedBytes } = trial.cache.statistics();
    assert.ok(cachedBytes > 0, 'the seed lets something come');
    await trial.reopen();
    assert.equal(trial.cache.statistics().cachedBytes, cachedBytes);
  },
);

/** The data files in a cache directory that have so many bytes at least. */
function dataFiles(directory: string, least = 0): string[] {
  const entries = readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && sizeOf(entry) >= least).map(({ name }) => name);
}

function sizeOf({ parentPath, name }: Dirent): number {
  return statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0;
}
