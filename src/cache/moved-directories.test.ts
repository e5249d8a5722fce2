import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };

describe('a directory that is moved at the store just now', () => {
  it('is listed at its new place, when the old one was asked for', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/below/f', 'content');
    const number = await trial.id('/d');
    await trial.id('/d/below');
    await trial.rename('/d', '/e');
    trial.faults.pause(({ operation }) => operation === 'list');
    const found = trial.find('/e/below/f');
    await trial.faults.held();
    await trial.cache.drain();
    trial.faults.resume();
    assert.equal((await found)?.shownName, 'f');
    assert.equal(await trial.id('/e'), number);
  });

  it('is read at its new place, when the old one was asked for', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/f', 'content');
    await trial.id('/d/f');
    await trial.rename('/d', '/e');
    trial.faults.pause(({ operation }) => operation === 'read');
    const text = trial.text('/e/f');
    await trial.faults.held();
    await trial.cache.drain();
    trial.faults.resume();
    assert.equal(await text, 'content');
  });

  it('is listed and read when the answer was lost, as soon as it was found', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 1 });
    await writeBytes(trial.store, '/d/below/f', 'content');
    await writeBytes(trial.store, '/d/g', 'more');
    await trial.id('/d/below');
    await trial.rename('/d', '/e');
    trial.faults.lostAnswerRate = 1;
    const drained = trial.cache.drain();
    await until(() => trial.cache.pending()[0]?.state === 'error');
    trial.faults.lostAnswerRate = 0;
    assert.deepEqual(await Promise.all([trial.text('/e/below/f'), trial.text('/e/g')]), ['content', 'more']);
    await drained;
    assert.deepEqual(await contentsOf(trial.store), {
      '/e': null,
      '/e/below': null,
      '/e/below/f': 'content',
      '/e/g': 'more',
    });
  });
  it('several times is read at its last place', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/f', 'content');
    await trial.id('/d/f');
    trial.faults.pause(({ operation }) => operation === 'read');
    const text = trial.text('/d/f');
    for (const [from, to] of [
      ['/d', '/e'],
      ['/e/f', '/e/g'],
      ['/e', '/h'],
      ['/h/g', '/i'],
      ['/i', '/j'],
    ] as const) {
      await trial.faults.held();
      await trial.rename(from, to);
      await trial.cache.drain();
      trial.faults.resume();
      trial.faults.pause(({ operation }) => operation === 'read');
    }
    await trial.faults.held();
    trial.faults.resume();
    assert.equal(await text, 'content');
  });
});
