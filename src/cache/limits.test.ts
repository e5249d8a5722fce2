import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };
const kibibyte = 1 << 10;
const hundred = 'x'.repeat(100 * kibibyte);

/** Which of the files must be fetched to be read. */
async function missing(trial: CacheTrial, paths: readonly string[]): Promise<string[]> {
  const fetched: string[] = [];
  for (const path of paths) {
    const before = trial.calls('read').length;
    await trial.text(path);
    if (trial.calls('read').length > before) fetched.push(path);
  }
  return fetched;
}

describe('the size of the cache', () => {
  it('is kept by forgetting what was not used for longest', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 350 * kibibyte });
    for (const name of ['a', 'b', 'c', 'd']) await writeBytes(trial.store, `/${name}`, hundred);
    for (const path of ['/a', '/b', '/c', '/a', '/d']) {
      await trial.text(path);
      await sleep(5);
    }
    assert.ok(trial.cache.statistics().cachedBytes <= 350 * kibibyte);
    assert.deepEqual(await missing(trial, ['/a', '/c', '/d']), []);
    assert.deepEqual(await missing(trial, ['/b']), ['/b']);
  });

  it('what the Store reads and writes counts as used', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 350 * kibibyte });
    for (const name of ['a', 'b']) await writeBytes(trial.store, `/${name}`, hundred);
    await trial.text('/a');
    await sleep(5);
    await trial.text('/b');
    await sleep(5);
    await writeBytes(trial.cache, '/c', hundred);
    await trial.cache.drain();
    await sleep(5);
    assert.equal((await contentsOf(trial.cache))['/a'], hundred);
    await sleep(5);
    await writeBytes(trial.cache, '/d', hundred);
    await trial.cache.drain();
    trial.seen.length = 0;
    assert.deepEqual(await missing(trial, ['/d']), []);
    assert.ok(trial.cache.statistics().cachedBytes <= 350 * kibibyte);
  });

  it('never counts on what is not sent, or open', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 150 * kibibyte });
    await writeBytes(trial.store, '/open', hundred);
    const file = await trial.open('/open');
    await file.read(0, new Uint8Array(100 * kibibyte));
    for (const name of ['a', 'b', 'c']) await trial.save(`/${name}`, hundred);
    assert.equal(trial.cache.statistics().cachedBytes, 400 * kibibyte);
    trial.seen.length = 0;
    assert.deepEqual(await missing(trial, ['/open', '/a', '/b', '/c']), []);
    await trial.cache.drain();
    file.release();
    // Once everything is sent, and the disk knows it.
    await until(() => trial.cache.statistics().cachedBytes <= 150 * kibibyte);
    assert.deepEqual(await contentsOf(trial.store), { '/a': hundred, '/b': hundred, '/c': hundred, '/open': hundred });
  });

  it('also when many files are open that were used before all others', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 1000 * kibibyte });
    for (let i = 0; i < 80; i++) await writeBytes(trial.store, `/open${i}`, 'x');
    for (let i = 0; i < 20; i++) await writeBytes(trial.store, `/${i}`, hundred);
    const files = [];
    for (let i = 0; i < 80; i++) {
      await trial.text(`/open${i}`);
      files.push(await trial.open(`/open${i}`));
    }
    await sleep(5);
    for (let i = 0; i < 20; i++) await trial.text(`/${i}`);
    assert.ok(trial.cache.statistics().cachedBytes <= 1000 * kibibyte);
    for (const file of files) file.release();
  });

  it('is known after a restart', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/a', hundred);
    await trial.text('/a');
    await trial.save('/b', hundred);
    const { cachedBytes } = trial.cache.statistics();
    assert.equal(cachedBytes, 200 * kibibyte);
    await trial.reopen();
    assert.equal(trial.cache.statistics().cachedBytes, cachedBytes);
    await trial.remove('/b');
    await trial.save('/a', 'short');
    assert.equal(trial.cache.statistics().cachedBytes, 5);
  });
});

describe('above the hard limit', () => {
  it('a writer waits, and fails when nothing makes room', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 100_000, hardMaxBytes: 250_000, writePatience: 300 });
    trial.faults.offline = true;
    await assert.rejects(trial.tree.list(trial.tree.root) as Promise<unknown>, { code: 'Unavailable' });
    trial.faults.offline = false;
    await trial.tree.list(trial.tree.root);
    trial.faults.offline = true;
    await trial.save('/a', hundred);
    await trial.save('/b', hundred);
    const began = Date.now();
    await assert.rejects(trial.save('/c', hundred), { code: 'QuotaExceeded' });
    assert.ok(Date.now() - began >= 290);
    await assert.rejects(writeBytes(trial.cache, '/d', hundred), { code: 'QuotaExceeded' });
    await assert.rejects(trial.cache.copy('/a', '/e'), { code: 'QuotaExceeded' });
    await sleep(400);
    assert.equal(await trial.text('/a'), hundred);
    assert.equal(await trial.text('/b'), hundred);
    assert.equal(await trial.find('/d'), undefined);
    await trial.remove('/b');
    await trial.save('/c', hundred);
    trial.faults.offline = false;
    await trial.cache.drain();
    assert.deepEqual(Object.keys(await contentsOf(trial.store)), ['/a', '/c']);
    assert.equal((await contentsOf(trial.store))['/c'], hundred);
  });

  it('a writer goes on when uploads, which are due at once, make room', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 100_000, hardMaxBytes: 250_000 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await trial.save(`/${name}`, hundred);
    assert.equal(await trial.text('/a'), hundred);
    await trial.cache.drain();
    const found = await contentsOf(trial.store);
    assert.deepEqual(Object.keys(found), ['/a', '/b', '/c', '/d', '/e']);
    for (const content of Object.values(found)) assert.equal(content, hundred);
  });

  it('many writers at once all get their turn', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 100_000, hardMaxBytes: 250_000 });
    await Promise.all(Array.from({ length: 12 }, (_, i) => writeBytes(trial.cache, `/${i}`, hundred)));
    await trial.cache.drain();
    assert.equal(Object.keys(await contentsOf(trial.store)).length, 12);
    assert.ok(trial.cache.statistics().cachedBytes <= 250_000);
  });

  it('a waiting writer can be interrupted', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 100_000, hardMaxBytes: 150_000 });
    await trial.save('/a', hundred);
    trial.faults.pause(({ operation }) => operation === 'write');
    const abort = new AbortController();
    const writing = writeBytes(trial.cache, '/b', hundred, { signal: abort.signal });
    await until(() => trial.running().length > 0);
    const reason = new Error('interrupted');
    abort.abort(reason);
    await assert.rejects(writing, (error) => error === reason);
    assert.equal(trial.cache.statistics().cachedBytes, 100 * kibibyte);
  });
});
