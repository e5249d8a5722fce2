import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { openDirectly } from '../../test/fakes/direct-writer.ts';
import { readText } from '../store/operations.ts';

const limit = { timeout: 60_000 };

/** Longer than the clock of file times takes for a step. */
const aStep = 30;

describe('a file that a program wrote past a cache that ended', () => {
  it('is found by the next one: with the size and bytes of its data file, once it was written', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    for (const name of ['written', 'grown', 'opened']) await trial.save(`/${name}`, 'first');
    await trial.cache.drain();
    const [, written] = await openDirectly(trial, '/written', true);
    const [, grown] = await openDirectly(trial, '/grown', true);
    await openDirectly(trial, '/opened', true);
    await setTimeout(aStep);
    writeSync(written, 'other', 0);
    writeSync(grown, 'first and more', 0);
    const crashed = new CacheTrial(t, { inlineBytes: 0, store: trial.store, directory: trial.copyOfDirectory() });
    await crashed.cache.drain();
    assert.equal(await readText(trial.store, '/written'), 'other');
    assert.equal(await readText(trial.store, '/grown'), 'first and more');
    trial.seen.length = 0;
    await trial.reopen();
    assert.deepEqual(
      trial.cache
        .pending()
        .map(({ path }) => path)
        .toSorted(),
      ['/grown', '/written'],
    );
  });

  it('is still looked at: the program may have outlived the cache', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    const [, descriptor] = await openDirectly(trial, '/a', true);
    const held = openSync(`/proc/self/fd/${descriptor}`, 'r+');
    t.after(() => closeSync(held));
    await trial.reopen();
    await trial.cache.drain();
    await setTimeout(aStep);
    writeSync(held, 'later and longer', 0);
    assert.equal((await trial.find('/a'))?.size, 16);
    await trial.cache.drain();
    assert.equal(await readText(trial.store, '/a'), 'later and longer');
  });
});
