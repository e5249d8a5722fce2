import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError, type StoreErrorCode } from '../store/errors.ts';
import type { Call } from '../store/intercept.ts';
import { readText, writeBytes } from '../store/operations.ts';
import { DrainError } from './drain-error.ts';

const limit = { timeout: 30_000 };

/** A script of failures: these calls fail with this code. */
function failing(code: StoreErrorCode, matches: (call: Call) => boolean): (call: Call) => StoreError | undefined {
  return (call) =>
    matches(call)
      ? new StoreError(code, { operation: call.operation, path: call.path, message: 'as the test wants' })
      : undefined;
}

const isWriteTo =
  (path: string) =>
  (call: Call): boolean =>
    call.operation === 'write' && call.path === path;

describe('a service that cannot be reached', () => {
  it('is tried again with growing pauses, says so, and says when it is back', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    trial.faults.offline = true;
    await trial.makeDirectory('/d').catch(() => undefined);
    await assert.rejects(trial.cache.makeDirectory('/d'), { code: 'Unavailable' });
    assert.equal(trial.cache.statistics().online, false);
    trial.faults.offline = false;
    assert.deepEqual(await trial.tree.list(trial.tree.root), []);
    assert.equal(trial.cache.statistics().online, true);
    trial.faults.offline = true;
    await trial.save('/f', 'f');
    await until(() => trial.calls('write').length === 3);
    assert.equal(trial.cache.statistics().online, false);
    const [first, second, third] = trial.seen
      .filter(({ call }) => call.operation === 'write')
      .map(({ began }) => began);
    assert.ok((second as number) - (first as number) >= 490, 'half a second at least');
    assert.ok((third as number) - (second as number) >= 990, 'a second at least');
    const [pending] = trial.cache.pending();
    assert.equal(pending?.state, 'error');
    assert.equal(pending?.error?.code, 'Unavailable');
    assert.ok((pending?.attempts ?? 0) >= 2);
    assert.deepEqual(trial.cache.problems(), []);
    trial.faults.offline = false;
    await trial.tree.usage();
    await until(() => trial.cache.pending().length === 0);
    assert.equal(trial.cache.statistics().online, true);
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'f' });
  });

  it('many failures at once do not come back at once', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    trial.faults.fail = failing('Unavailable', ({ operation }) => operation === 'write');
    for (let i = 0; i < 16; i++) await trial.save(`/${i}`, 'x');
    await assert.rejects(trial.cache.drain(), DrainError);
    const again = trial.cache.pending().map(({ dueAt }) => dueAt);
    assert.ok(Math.max(...again) - Math.min(...again) > 100);
  });

  it('once it is back, what failed is sent at once', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0 });
    await trial.id('/');
    await trial.tree.list(trial.tree.root);
    trial.faults.offline = true;
    for (let i = 0; i < 5; i++) await trial.save(`/${i}`, 'x');
    await until(() => trial.cache.pending().every(({ attempts }) => attempts >= 3));
    trial.faults.offline = false;
    await trial.cache.usage();
    assert.ok(trial.cache.pending().every(({ dueAt }) => dueAt <= Date.now()));
    await until(() => trial.cache.pending().length === 0);
  });
});

describe('a file that cannot be sent', () => {
  it('shows in pending and problems, does not hold up others, and drain names it', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/bad', 'bad');
    for (let i = 0; i < 20; i++) await trial.save(`/good${i}`, 'good');
    trial.faults.fail = failing('PermissionDenied', isWriteTo('/bad'));
    await assert.rejects(trial.cache.drain(), (error) => {
      assert.ok(error instanceof DrainError);
      assert.equal(error.changesLeft, 1);
      assert.match(error.message, /\/bad/);
      return true;
    });
    assert.deepEqual(
      trial.cache.pending().map(({ path, state, error }) => [path, state, error?.code]),
      [['/bad', 'error', 'PermissionDenied']],
    );
    assert.deepEqual(
      trial.cache.problems().map(({ kind, path }) => [kind, path]),
      [['upload', '/bad']],
    );
    assert.equal(trial.tree.stateOf(await trial.id('/bad')), 'error');
    assert.equal(Object.keys(await contentsOf(trial.store)).length, 20);
    trial.faults.fail = undefined;
    await trial.cache.drain();
    assert.deepEqual(trial.cache.pending(), []);
    assert.equal(await readText(trial.store, '/bad'), 'bad');
  });

  it('more of them than are sent at a time: each waits by itself, and the others are sent', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 0, uploads: 4 });
    trial.faults.fail = failing(
      'Unavailable',
      ({ operation, path }) => operation === 'write' && (path ?? '').startsWith('/bad'),
    );
    for (let i = 0; i < 12; i++) await trial.save(`/bad${i}`, 'bad');
    for (let i = 0; i < 40; i++) await trial.save(`/good${i}`, 'good');
    await until(async () => Object.keys(await contentsOf(trial.store)).length === 40);
    assert.ok(trial.cache.pending().every(({ state }) => state === 'error' || state === 'uploading'));
    trial.faults.fail = undefined;
    await trial.cache.drain();
    assert.equal(Object.keys(await contentsOf(trial.store)).length, 52);
  });

  it('a directory that cannot be made keeps what is in it, and nothing else', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.makeDirectory('/bad');
    await trial.save('/bad/f', 'f');
    await trial.save('/good', 'good');
    trial.faults.fail = failing('InvalidPath', ({ operation }) => operation === 'makeDirectory');
    await assert.rejects(trial.cache.drain(), (error) => error instanceof DrainError && error.changesLeft === 2);
    assert.deepEqual(await contentsOf(trial.store), { '/good': 'good' });
    await trial.rename('/bad', '/renamed');
    trial.faults.fail = undefined;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/good': 'good', '/renamed': null, '/renamed/f': 'f' });
  });

  it('a change of a file that was refused is a new try', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 50 });
    trial.faults.fail = failing('InvalidPath', isWriteTo('/a:b'));
    await trial.save('/a:b', 'x');
    await until(() => trial.cache.pending()[0]?.state === 'error');
    await trial.rename('/a:b', '/ab');
    await until(() => trial.cache.pending().length === 0);
    assert.deepEqual(await contentsOf(trial.store), { '/ab': 'x' });
  });
});

describe('a full account', () => {
  it('pauses uploads, not deletes; they go on when there is room', limit, async (t) => {
    const store = new MemoryStore({ total: 100 });
    await writeBytes(store, '/old', 'x'.repeat(90));
    const trial = new CacheTrial(t, { store, uploadDelay: 0, uploads: 1 });
    await trial.id('/old');
    for (let i = 0; i < 5; i++) await trial.save(`/${i}`, 'x'.repeat(20));
    await until(() => trial.cache.pending().some(({ error }) => error?.code === 'QuotaExceeded'));
    await sleep(1500);
    assert.equal(trial.calls('write').length, 1);
    await trial.remove('/old');
    await until(() => trial.cache.pending().length === 0);
    assert.equal(Object.keys(await contentsOf(store)).length, 5);
  });

  it('drain tries at once, and says what is missing', limit, async (t) => {
    const store = new MemoryStore({ total: 10 });
    const trial = new CacheTrial(t, { store });
    await trial.save('/large', 'x'.repeat(20));
    await assert.rejects(
      trial.cache.drain(),
      (error) => error instanceof DrainError && /\/large.*QuotaExceeded/.test(error.message),
    );
    await trial.save('/large', 'small');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(store), { '/large': 'small' });
  });
});
