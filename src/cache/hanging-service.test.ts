import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, until } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

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
