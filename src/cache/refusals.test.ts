import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError, type StoreErrorCode } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };
const owner = { mode: 0o644, uid: 0, gid: 0 };

/** What the user can see of a file that is not sent: state, and the lines of `status` and `stats/errors`. */
async function seen(trial: CacheTrial, path: string): Promise<unknown> {
  const pending = trial.cache.pending().find((change) => change.path === path);
  const problem = trial.cache.problems().find((found) => found.path === path);
  return [trial.tree.stateOf(await trial.id(path)), pending?.state, pending?.error?.code, problem?.kind];
}

describe('what a service is known to refuse', () => {
  it('a file that becomes too large fails at the write, and stays as long as it was', limit, async (t) => {
    const trial = new CacheTrial(t, { store: new MemoryStore({ maxFileSize: 10 }) });
    await trial.save('/f', 'ten bytes.');
    const file = await trial.open('/f', true);
    await assert.rejects(async () => file.write(5, Buffer.from('too many')), { code: 'TooLarge' });
    await assert.rejects(async () => file.allocate(0, 11, false), { code: 'TooLarge' });
    await assert.rejects(async () => trial.tree.truncate(file.node.id, 11), { code: 'TooLarge' });
    await file.flush();
    file.release();
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'ten bytes.' });
  });

  it('a name fails where it is given', limit, async (t) => {
    const trial = new CacheTrial(t, { store: new MemoryStore({ refusedNames: /[:\\]/ }) });
    await trial.save('/f', 'f');
    await trial.makeDirectory('/d');
    const { root } = trial.tree;
    const refused = { code: 'InvalidPath' };
    await assert.rejects(async () => trial.tree.createFile(root, 'a:b', owner), refused);
    await assert.rejects(trial.makeDirectory('/a:b'), refused);
    await assert.rejects(async () => trial.tree.makeLink(root, 'a\\b', 'target', owner), refused);
    await assert.rejects(trial.rename('/f', '/a:b'), refused);
    await assert.rejects(trial.rename('/d', '/d:e'), refused);
    await assert.rejects(writeBytes(trial.cache, '/a:b', 'x'), refused);
    await assert.rejects(writeBytes(trial.cache, '/a:b/c', 'x'), refused);
    await assert.rejects(trial.cache.copy('/f', '/a:b'), refused);
    await assert.rejects(trial.cache.move('/f', '/a:b'), refused);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.cache), { '/d': null, '/f': 'f' });
    assert.deepEqual(await contentsOf(trial.store), { '/d': null, '/f': 'f' });
    assert.equal(trial.cache.statistics().cachedBytes, 1);
  });
});

describe('what a service refuses only when it is sent', () => {
  for (const code of ['TooLarge', 'InvalidPath'] as const satisfies StoreErrorCode[]) {
    it(`${code}: is kept, and is an error, after a restart without network too`, limit, async (t) => {
      const trial = new CacheTrial(t);
      await trial.save('/bad', 'kept');
      await trial.save('/good', 'good');
      trial.faults.fail = (call) =>
        call.operation === 'write' && call.path === '/bad' ? new StoreError(code, { path: '/bad' }) : undefined;
      await assert.rejects(trial.cache.drain(), /\/bad/);
      const before = await seen(trial, '/bad');
      assert.deepEqual(before, ['error', 'error', code, 'upload']);
      trial.faults.offline = true;
      await trial.reopen();
      assert.deepEqual(await seen(trial, '/bad'), before);
      assert.equal(await trial.text('/bad'), 'kept');
      trial.faults.heal();
      await trial.cache.drain();
      assert.deepEqual(await contentsOf(trial.store), { '/bad': 'kept', '/good': 'good' });
      assert.equal(trial.tree.stateOf(await trial.id('/bad')), 'clean');
      await trial.save('/bad', 'again');
      assert.equal(trial.tree.stateOf(await trial.id('/bad')), 'waiting');
    });
  }
});

describe('an account that becomes full', () => {
  it('is tried again every minute, and goes on by itself when there is room', limit, async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const store = new MemoryStore({ total: 100 });
    await writeBytes(store, '/old', 'x'.repeat(90));
    const trial = new CacheTrial(t, { store, uploadDelay: 0, uploads: 2 });
    await trial.id('/old');
    for (let i = 0; i < 4; i++) await trial.save(`/${i}`, 'x'.repeat(20));
    await until(() => trial.cache.statistics().fullUntil !== undefined);
    const tries = (): number => trial.calls('write').length;
    await until(() => trial.running().length === 0);
    const first = tries();
    assert.ok(first <= 2, 'not one for each file');
    assert.equal(trial.cache.statistics().fullUntil, Date.now() + 60_000);
    // Every turn of the uploads is asked for, at any time; that of the pause alone makes a try.
    const wake = async (): Promise<void> => {
      trial.cache.uploads.resume();
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    t.mock.timers.setTime(Date.now() + 59_000);
    await wake();
    assert.equal(tries(), first);
    t.mock.timers.setTime(Date.now() + 2_000);
    await wake();
    await until(() => tries() > first);
    await until(() => trial.cache.statistics().fullUntil !== undefined && trial.running().length === 0);
    await store.delete('/old');
    t.mock.timers.setTime(Date.now() + 61_000);
    await wake();
    await until(() => trial.cache.pending().length === 0);
    assert.equal(Object.keys(await contentsOf(store)).length, 4);
  });
});
