import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 20_000 };

describe('a copy within the cache', () => {
  it('of a file that was never read here brings its bytes', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/f', 'content');
    await trial.cache.copy('/d', '/e');
    assert.equal(await trial.text('/e/f'), 'content');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/d': null, '/d/f': 'content', '/e': null, '/e/f': 'content' });
  });

  it('of files that do not fit in together brings one after the other', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 1 });
    const wanted: Record<string, string | null> = { '/d': null, '/e': null };
    for (const name of ['a', 'b', 'c']) {
      wanted[`/d/${name}`] = wanted[`/e/${name}`] = name.repeat(200_000);
      await writeBytes(trial.store, `/d/${name}`, name.repeat(200_000));
    }
    await trial.cache.copy('/d', '/e');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), wanted);
  });
});

describe('content that is larger than the cache', () => {
  it('is not evicted while it is on its way', limit, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 1 });
    const text = 'content '.repeat(100_000);
    await writeBytes(trial.store, '/f', text);
    await Promise.all([trial.cache.copy('/f', '/g'), trial.cache.copy('/f', '/h')]);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/f': text, '/g': text, '/h': text });
  });
});
