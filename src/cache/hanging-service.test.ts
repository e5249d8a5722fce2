import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';
import { isTimedOut } from '../store/timed-out.ts';

const limit = { timeout: 30_000 };

describe('a service that does not answer', () => {
  it('is not waited for where an older listing is known', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 50 });
    await writeBytes(trial.store, '/d/a', 'a');
    await writeBytes(trial.store, '/e/b', 'b');
    for (const path of ['/d/a', '/e/b']) assert.ok(await trial.find(path));
    await sleep(60);
    trial.faults.pause();
    assert.ok(await trial.find('/d/a'));
    assert.ok(await trial.find('/e/b'));
    await trial.makeDirectory('/d/new');
    assert.ok(await trial.find('/d/new'));
    assert.equal(trial.calls('list').filter(({ path }) => path === '/d').length, 2, 'it is asked once, meanwhile');
    trial.faults.resume();
    await writeBytes(trial.store, '/d/later', 'x');
    await until(async () => (await trial.find('/d/later')) !== undefined);
  });

  it('is waited for once, not again in every directory', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 50 });
    const paths = Array.from({ length: 20 }, (_, index) => `/d${index}/a`);
    for (const path of paths) await writeBytes(trial.store, path, 'a');
    for (const path of paths) assert.ok(await trial.find(path));
    const directories = await Promise.all(paths.map((path) => trial.id(path.slice(0, -2))));
    await sleep(60);
    trial.faults.pause();
    assert.ok(await trial.find('/d0/a'));
    for (const id of directories) {
      const found = trial.tree.lookup(id, 'a');
      assert.ok(!(found instanceof Promise) && found !== undefined);
    }
  });

  it('is waited for where nothing is known', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/a', 'a');
    trial.faults.pause();
    let over = false;
    const found = trial.find('/d/a').finally(() => {
      over = true;
    });
    await sleep(1500);
    assert.equal(over, false);
    trial.faults.resume();
    assert.ok(await found);
  });
});

describe('a service that hangs for longer than the time limit', () => {
  const hanging = async (t: TestContext, timeout = 100): Promise<CacheTrial> => {
    const trial = new CacheTrial(t, { timeout });
    for (const path of ['/d/a', '/d/b', '/e/c', '/known/f']) await writeBytes(trial.store, path, 'content');
    await trial.find('/');
    for (const path of ['/d', '/e', '/known/f']) assert.ok(await trial.find(path));
    trial.faults.pause();
    return trial;
  };

  const waits: Readonly<Record<string, (trial: CacheTrial) => Promise<unknown>>> = {
    'a lookup': (trial) => trial.find('/d/a'),
    'a name that is not there': (trial) => trial.find('/d/missing'),
    'the beginning of a directory': async (trial) => trial.tree.readDirectory(await trial.id('/d')),
    'a listing': async (trial) => trial.tree.list(await trial.id('/d')),
    'a new file': (trial) => trial.save('/d/new', 'x'),
    'a new directory': (trial) => trial.makeDirectory('/d/new'),
    'a removal': (trial) => trial.remove('/d/a'),
    'the removal of a directory': (trial) => trial.remove('/d', 'directory'),
    'a rename out of a directory': (trial) => trial.rename('/d/a', '/known/a'),
    'a rename into a directory': (trial) => trial.rename('/known/f', '/d/f'),
    'a read': (trial) => trial.text('/known/f'),
    'the library: stat': (trial) => trial.cache.stat('/d/a'),
    'the library: list': (trial) => Array.fromAsync(trial.cache.list('/d')),
  };
  for (const [name, wait] of Object.entries(waits))
    it(`is not waited for by ${name}, and is asked again afterwards`, limit, async (t) => {
      const trial = await hanging(t);
      await assert.rejects(wait(trial), isTimedOut);
      trial.faults.resume();
      await until(async () => (await trial.find('/d/a').catch(() => undefined)) !== undefined || name === 'a removal');
      await wait(trial).catch((error: unknown) => assert.ok(isStoreError(error, 'NotEmpty'), String(error)));
    });

  it('lets go of both directories of a rename', limit, async (t) => {
    const trial = await hanging(t);
    await assert.rejects(trial.rename('/d/a', '/e/a'), isTimedOut);
    await trial.save('/known/g', 'x');
    trial.faults.resume();
    await trial.rename('/d/a', '/e/a');
    assert.ok(await trial.find('/e/a'));
    assert.equal(await trial.find('/d/a'), undefined);
  });

  it('ends the wait of everybody who shares a request', limit, async (t) => {
    const trial = await hanging(t);
    const file = await trial.open('/known/f');
    const results = await Promise.allSettled([readFrom(file, 0, 3), readFrom(file, 3, 4), readFrom(file, 0, 7)]);
    for (const result of results) assert.ok(result.status === 'rejected' && isTimedOut(result.reason));
    assert.equal(trial.calls('read').length, 1);
    file.release();
  });

  it('does not end what takes long and goes on', limit, async (t) => {
    const memory = new MemoryStore();
    const trial = new CacheTrial(t, { store: memory, timeout: 400 });
    for (let at = 0; at < 20; at++) await writeBytes(memory, `/d/${at}`, 'x');
    const list = memory.list.bind(memory);
    memory.list = async function* (path, options) {
      for await (const entry of list(path, options)) {
        await sleep(50);
        yield entry;
      }
    };
    assert.equal((await Array.fromAsync(trial.cache.list('/d'))).length, 20);
  });
});
