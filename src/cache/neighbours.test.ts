import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, type CacheTrialOptions, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };

function nameOf(i: number): string {
  return `file-${String(i).padStart(4, '0')}`;
}

/** A cache over a directory `/d` with so many files, whose text is their name, filled up to `bytes`. */
async function trialWith(
  t: TestContext,
  count: number,
  bytes = 10,
  options: Partial<CacheTrialOptions> = {},
): Promise<CacheTrial> {
  const store = new MemoryStore();
  for (let i = 0; i < count; i++) await writeBytes(store, `/d/${nameOf(i)}`, Buffer.from(nameOf(i).padEnd(bytes, '.')));
  const trial = new CacheTrial(t, { store, ...options });
  await trial.tree.list(await trial.id('/d'));
  return trial;
}

function fetched(trial: CacheTrial): Set<string> {
  return new Set(trial.calls('read').map(({ path }) => path));
}

/** Opens and reads as a program does. */
async function readFile(trial: CacheTrial, i: number): Promise<void> {
  assert.ok((await trial.text(`/d/${nameOf(i)}`)).startsWith(nameOf(i)));
}

async function settled(trial: CacheTrial): Promise<void> {
  await until(() => trial.seen.every(({ outcome }) => outcome !== 'running'));
}

describe('small files of a directory that are read one after the other', () => {
  it('are fetched in advance, each by one request', limit, async (t) => {
    const trial = await trialWith(t, 200);
    for (let i = 0; i < 4; i++) await readFile(trial, i);
    await until(() => fetched(trial).size === 20);
    await settled(trial);
    for (let i = 4; i < 200; i++) await readFile(trial, i);
    assert.equal(trial.calls('read').length, 200);
    assert.equal(trial.calls('stat').length, 0);
    assert.ok(trial.cache.statistics().hits > 10);
    assert.equal(trial.cache.statistics().hits + trial.cache.statistics().misses, 200);
  });

  it('are under way while the readers wait for theirs', limit, async (t) => {
    const trial = await trialWith(t, 100);
    for (let i = 0; i < 3; i++) await readFile(trial, i);
    await settled(trial);
    trial.seen.length = 0;
    trial.faults.pause(({ operation }) => operation === 'read');
    const reading = Promise.all(Array.from({ length: 20 }, (_, i) => readFile(trial, 30 + i)));
    await trial.faults.held(20);
    await until(() => fetched(trial).size >= 25);
    trial.faults.resume();
    await reading;
  });

  it('are not fetched where that is switched off', limit, async (t) => {
    const trial = await trialWith(t, 50, 10, { prefetch: false });
    for (let i = 0; i < 10; i++) await readFile(trial, i);
    await settled(trial);
    assert.equal(fetched(trial).size, 10);
  });

  it('push nothing out of the cache', limit, async (t) => {
    const bytes = 10_000;
    const trial = await trialWith(t, 100, bytes, { maxBytes: 20 * bytes });
    for (let i = 90; i < 100; i += 2) await readFile(trial, i);
    const first = fetched(trial);
    for (let i = 0; i < 6; i++) await readFile(trial, i);
    await settled(trial);
    trial.seen.length = 0;
    for (let i = 90; i < 100; i += 2) if (first.has(`/d/${nameOf(i)}`)) await readFile(trial, i);
    assert.deepEqual([...fetched(trial)], []);
    assert.ok(trial.cache.statistics().cachedBytes <= 20 * bytes);
  });

  it('are given up when the reader goes elsewhere', limit, async (t) => {
    const trial = await trialWith(t, 400);
    trial.faults.pause(({ operation }) => operation === 'read');
    const open = async (i: number): Promise<void> => (await trial.open(`/d/${nameOf(i)}`)).release();
    for (let i = 0; i < 20; i++) await open(i);
    await trial.faults.held(12);
    await open(399);
    trial.faults.resume();
    await settled(trial);
    await readFile(trial, 200);
    assert.equal(fetched(trial).size, 12 + 1);
  });

  it('that fail are met by who opens them', limit, async (t) => {
    const trial = await trialWith(t, 50);
    for (let i = 0; i < 2; i++) await readFile(trial, i);
    const third = await trial.id(`/d/${nameOf(2)}`);
    trial.faults.failureRate = 1;
    (await trial.tree.open(third, { write: false })).release();
    await settled(trial);
    const file = await trial.open(`/d/${nameOf(5)}`);
    await assert.rejects(Promise.resolve(readFrom(file, 0, 10)));
    trial.faults.failureRate = 0;
    assert.equal(Buffer.from(await readFrom(file, 0, 9)).toString(), nameOf(5));
    file.release();
  });
});

describe('files that are no walk', () => {
  it('large ones are left alone', limit, async (t) => {
    const trial = await trialWith(t, 12, 300_000);
    for (let i = 0; i < 6; i++) await readFile(trial, i);
    await settled(trial);
    assert.equal(fetched(trial).size, 6);
  });

  it('those opened here and there have no company', limit, async (t) => {
    const trial = await trialWith(t, 1000);
    for (let i = 0; i < 20; i++) await readFile(trial, (i * 337) % 1000);
    await settled(trial);
    assert.equal(fetched(trial).size, 20);
  });
});
