import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { StoreError } from '../store/errors.ts';

const limit = { timeout: 30_000 };

/** The paths that were written at the store, in order. */
function written(trial: CacheTrial): string[] {
  return trial.calls('write').map(({ path }) => path);
}

describe('a pause of uploads', () => {
  it('sends nothing, is told, lasts over a restart, and ends when a person resumes', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    trial.cache.uploads.pause();
    await trial.save('/a', 'a');
    await sleep(100);
    assert.deepEqual(trial.cache.statistics().paused, {});
    await trial.reopen();
    await sleep(100);
    assert.equal(trial.cache.uploads.pausedUntil, Infinity);
    assert.deepEqual(written(trial), []);
    trial.cache.uploads.resume();
    await until(() => trial.cache.pending().length === 0);
    assert.equal(trial.cache.statistics().paused, undefined);
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'a' });
    await trial.reopen();
    assert.equal(trial.cache.uploads.pausedUntil, 0);
  });

  it('ends by itself at its time', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    const end = Date.now() + 300;
    trial.cache.uploads.pause(end);
    await trial.save('/a', 'a');
    assert.deepEqual(trial.cache.statistics().paused, { until: end });
    await until(() => trial.cache.pending().length === 0);
    assert.ok(trial.seen.every(({ call, began }) => call.operation !== 'write' || began >= end - 1));
  });

  it('makes a drain say so', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/a', 'a');
    trial.cache.uploads.pause();
    await assert.rejects(trial.cache.drain(), { name: 'DrainError', message: /uploads are paused/ });
    assert.deepEqual(written(trial), []);
  });

  it('breaks a large upload off, which is sent whole later', limit, async (t) => {
    const trial = new CacheTrial(t);
    const text = 'x'.repeat(3 << 20);
    await trial.save('/large', text);
    trial.faults.fail = ({ operation }) => {
      if (operation === 'write') trial.cache.uploads.pause();
      return undefined;
    };
    await assert.rejects(trial.cache.drain(), /uploads are paused/);
    assert.deepEqual(await contentsOf(trial.store), {});
    trial.faults.heal();
    trial.cache.uploads.resume();
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/large': text });
  });

  it('refuses a time that is none', limit, (t) => {
    const trial = new CacheTrial(t);
    assert.throws(() => trial.cache.uploads.pause(Number.NaN), RangeError);
  });
});

describe('a held upload', () => {
  it('waits for a retry, over changes and restarts, while others are sent; a drain names it', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    trial.cache.uploads.pause();
    for (const name of ['a', 'b']) await trial.save(`/${name}`, name);
    assert.equal(trial.cache.uploads.hold('/a'), 1);
    trial.cache.uploads.resume();
    await until(() => trial.cache.pending().length === 1);
    await trial.save('/a', 'a2');
    await trial.reopen();
    await assert.rejects(trial.cache.drain(), { name: 'DrainError', message: /\/a: its upload is held/ });
    assert.deepEqual(written(trial), ['/b']);
    assert.equal(trial.cache.pending()[0]?.held, true);
    assert.equal(trial.cache.uploads.retry('/a'), 1);
    await until(() => trial.cache.pending().length === 0);
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'a2', '/b': 'b' });
    await trial.save('/a', 'a3');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'a3', '/b': 'b' });
  });

  it('is every file below a directory, which itself is made', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.cache.makeDirectory('/d');
    for (const path of ['/d/a', '/d/b', '/da']) await trial.save(path, 'x');
    assert.equal(trial.cache.uploads.hold('/d'), 2);
    await assert.rejects(trial.cache.drain(), /held/);
    assert.deepEqual(await contentsOf(trial.store), { '/d': null, '/da': 'x' });
    assert.equal(trial.cache.uploads.retry('/d'), 2);
    await trial.cache.drain();
  });

  it('is none where nothing waits', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/a', 'x');
    for (const order of ['hold', 'retry', 'prioritise'] as const) assert.equal(trial.cache.uploads[order]('/b'), 0);
    assert.equal(trial.cache.pending()[0]?.held, undefined);
  });
});

describe('a prioritised upload', () => {
  it('is sent before older ones, ahead of its delay', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1, uploadDelay: 0 });
    trial.cache.uploads.pause();
    await trial.cache.makeDirectory('/d');
    for (const path of ['/a', '/b', '/d/c']) await trial.save(path, 'x');
    assert.equal(trial.cache.uploads.prioritise('/d/c'), 1);
    trial.cache.uploads.resume();
    await until(() => trial.cache.pending().length === 0);
    assert.deepEqual(written(trial), ['/d/c', '/a', '/b']);
  });

  it('is all that is sent before its delay', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (const path of ['/a', '/b']) await trial.save(path, 'x');
    trial.cache.uploads.prioritise('/b');
    await until(() => trial.cache.pending().length === 1);
    assert.deepEqual(written(trial), ['/b']);
  });
});

describe('a refusal', () => {
  it('of a full account is told, and tried again when a person asks', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    trial.faults.fail = ({ operation, path }) =>
      operation === 'write' ? new StoreError('QuotaExceeded', { operation, path, message: 'full' }) : undefined;
    for (const path of ['/a', '/b']) await trial.save(path, 'x');
    await until(() => trial.cache.statistics().fullUntil !== undefined);
    trial.faults.heal();
    await sleep(50);
    assert.equal(trial.cache.pending().length, 2);
    assert.equal(trial.cache.uploads.retry('/'), 2);
    await until(() => trial.cache.pending().length === 0);
    assert.equal(trial.cache.statistics().fullUntil, undefined);
  });

  it('of one file does not hold up the others', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    trial.faults.fail = ({ operation, path }) =>
      operation === 'write' && path === '/bad'
        ? new StoreError('TooLarge', { operation, path, message: 'too large' })
        : undefined;
    for (const path of ['/bad', '/a', '/b']) await trial.save(path, 'x');
    await until(() => trial.cache.pending().length === 1);
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'x', '/b': 'x' });
    assert.equal(trial.cache.pending()[0]?.state, 'error');
  });
});
