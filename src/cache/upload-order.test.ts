import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { StoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';
import { isInside } from '../store/path.ts';

const limit = { timeout: 30_000 };
const large = Buffer.alloc(9 << 20, 'large');

describe('the order of what is sent', () => {
  it('parents go before children, and only when they are done', limit, async (t) => {
    const trial = new CacheTrial(t);
    trial.faults.delay = 3;
    const paths: string[] = [];
    for (let i = 0; i < 5; i++) {
      await trial.makeDirectory(`/d${i}`);
      await trial.makeDirectory(`/d${i}/e`);
      await trial.save(`/d${i}/f`, 'f');
      await trial.save(`/d${i}/e/g`, 'g');
      paths.push(`/d${i}`, `/d${i}/e`, `/d${i}/f`, `/d${i}/e/g`);
    }
    const early: string[] = [];
    const done = new Set<string>();
    trial.faults.fail = ({ path }) => {
      const waiting = trial.running().map(({ call }) => call.path);
      for (const other of waiting)
        if (other !== undefined && path !== undefined && isInside(path, other)) early.push(path);
      return undefined;
    };
    await trial.cache.drain({
      onProgress: () => {
        for (const { call, outcome } of trial.seen) if (outcome === 'done') done.add(call.path ?? '');
      },
    });
    assert.deepEqual(early, []);
    const sent = trial.sent().map((call) => call.split(' ')[1]);
    for (const path of paths)
      for (const other of paths) if (isInside(path, other)) assert.ok(sent.indexOf(other) < sent.indexOf(path));
    assert.equal(sent.length, paths.length);
    assert.deepEqual(Object.keys(await contentsOf(trial.store)), paths.toSorted());
  });

  it('the oldest change goes first', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    for (const name of ['c', 'a', 'd', 'b']) {
      await trial.save(`/${name}`, name);
      await sleep(3);
    }
    await trial.save('/c', 'again');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['write /a', 'write /d', 'write /b', 'write /c']);
  });

  it('a change waits its delay, whatever else is sent', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 1000 });
    await trial.save('/first', '1');
    await sleep(500);
    await trial.save('/second', '2');
    const saved = Date.now();
    await until(() => trial.cache.pending().length === 0);
    const [first, second] = trial.seen.filter(({ call }) => call.operation === 'write');
    assert.ok((second?.began ?? 0) - saved >= 990);
    assert.ok((second?.began ?? 0) - (first?.began ?? 0) >= 400);
  });
});

describe('how much is sent at the same time', () => {
  it('many small files', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (let i = 0; i < 80; i++) await trial.save(`/${i}`, 'small');
    trial.faults.pause(({ operation }) => operation === 'write');
    const drained = trial.cache.drain();
    await trial.faults.held(64);
    await sleep(50);
    assert.equal(trial.running().length, 64);
    trial.faults.resume();
    await drained;
    assert.equal(Object.keys(await contentsOf(trial.store)).length, 80);
  });

  it('few large ones, which do not hold up small ones', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (let i = 0; i < 8; i++) await trial.save(`/large${i}`, large);
    for (let i = 0; i < 6; i++) await trial.save(`/small${i}`, 'small');
    trial.faults.pause(({ path }) => path?.startsWith('/large') === true);
    const drained = trial.cache.drain();
    await until(() => trial.cache.pending().length === 8);
    assert.equal(trial.running().length, 4);
    trial.faults.resume();
    await drained;
  });

  it('a change becomes due while others are under way or blocked', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 300 });
    for (let i = 0; i < 5; i++) await trial.save(`/large${i}`, large);
    trial.faults.pause(({ path }) => path?.startsWith('/large') === true);
    await trial.faults.held(4);
    await trial.save('/small', 'small');
    await trial.save('/other', 'other');
    await until(() => trial.calls('write').some(({ path }) => path === '/small'));
    trial.faults.resume();
    await until(() => trial.cache.pending().length === 0);
  });

  it('nothing inside a directory that is being moved, and nothing moves that is being filled', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (const path of ['/d/a', '/d/sub/b', '/other/c']) await writeBytes(trial.store, path, 'old');
    for (const path of ['/d/a', '/d/sub/b', '/other/c']) await trial.text(path);
    await trial.rename('/d', '/e');
    await trial.save('/e/a', 'new');
    await trial.save('/e/sub/new', 'new');
    await trial.save('/other/c', 'new');
    trial.faults.pause(({ operation }) => operation === 'move');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await until(() => trial.calls('write').length === 1);
    await sleep(50);
    assert.deepEqual(trial.sent().toSorted(), ['move /d /e', 'write /other/c']);
    trial.faults.resume();
    await drained;
    assert.deepEqual(await contentsOf(trial.store), {
      '/e': null,
      '/e/a': 'new',
      '/e/sub': null,
      '/e/sub/b': 'old',
      '/e/sub/new': 'new',
      '/other': null,
      '/other/c': 'new',
    });
  });

  it('a directory is moved after what is on its way into it', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/a', 'old');
    await trial.text('/d/a');
    await trial.save('/d/a', 'new');
    trial.faults.pause(({ operation }) => operation === 'write');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await trial.rename('/d', '/e');
    await sleep(100);
    assert.deepEqual(trial.sent(), ['write /d/a']);
    trial.faults.resume();
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/e': null, '/e/a': 'new' });
  });
});

describe('a service that complains about the rate', () => {
  it('gets half as many at a time, and nothing before the time it asked for', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 16 });
    for (let i = 0; i < 48; i++) await trial.save(`/${String(i).padStart(2, '0')}`, 'small');
    let refusals = 16;
    let refusedAt = 0;
    trial.faults.fail = ({ operation, path }) => {
      if (operation !== 'write' || refusals === 0) return undefined;
      refusals--;
      refusedAt = Date.now();
      return new StoreError('RateLimited', { operation, path, retryAfter: 700 });
    };
    const drained = trial.cache.drain();
    await until(() => refusals === 0);
    await until(() => trial.running().length === 0);
    trial.mostAtOnce = 0;
    const before = trial.seen.length;
    trial.faults.pause(({ operation }) => operation === 'write');
    await trial.faults.held(8);
    await sleep(50);
    assert.equal(trial.running().length, 8);
    assert.ok((trial.seen[before]?.began ?? 0) - refusedAt >= 690);
    trial.faults.resume();
    await drained;
    assert.equal(Object.keys(await contentsOf(trial.store)).length, 48);
  });
});
