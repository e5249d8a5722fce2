import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 20_000 };

/** A cache that believes nothing for long, over a store with `/d/f`, which it knows. */
async function prepared(
  t: ConstructorParameters<typeof CacheTrial>[0],
): Promise<{ trial: CacheTrial; store: MemoryStore }> {
  const store = new MemoryStore();
  const trial = new CacheTrial(t, { store, metadataTime: 1 });
  await writeBytes(store, '/d/f', 'content');
  await trial.text('/d/f');
  return { trial, store };
}

describe('a directory that somebody deletes while something in it is sent', () => {
  it('takes a removed file along, whose deletion went unanswered', limit, async (t) => {
    const { trial, store } = await prepared(t);
    await trial.remove('/d/f');
    trial.faults.lostAnswerRate = 1;
    trial.faults.pause(({ operation }) => operation === 'delete');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await store.delete('/d', { recursive: true });
    await until(async () => (await trial.find('/d')) === undefined);
    trial.faults.resume();
    await until(() => trial.seen.some(({ outcome }) => outcome === 'failed'));
    trial.faults.lostAnswerRate = 0;
    await drained;
    assert.deepEqual(trial.cache.pending(), []);
    assert.deepEqual(await contentsOf(store), {});
  });

  it('takes a removed file along, whose move out of it went unanswered', limit, async (t) => {
    const { trial, store } = await prepared(t);
    await writeBytes(store, '/e/other', 'other');
    await trial.id('/e/other');
    await trial.rename('/d/f', '/e/f');
    trial.faults.lostAnswerRate = 1;
    trial.faults.fail = ({ operation }) => (operation === 'stat' ? new StoreError('Unavailable') : undefined);
    const drained = trial.cache.drain();
    await until(() => trial.seen.some(({ call, outcome }) => call.operation === 'move' && outcome === 'failed'));
    trial.faults.lostAnswerRate = 0;
    await trial.remove('/e/f');
    await store.delete('/d', { recursive: true });
    await store.delete('/e', { recursive: true });
    await until(async () => (await trial.find('/e')) === undefined && (await trial.find('/d')) === undefined);
    trial.faults.fail = undefined;
    await drained;
    assert.deepEqual(trial.cache.pending(), []);
    assert.deepEqual(await contentsOf(store), {});
  });

  it('leaves what is known of a directory that is moved out of it', limit, async (t) => {
    const { trial, store } = await prepared(t);
    await writeBytes(store, '/d/s/deep', 'deep');
    await trial.id('/d/s/deep');
    await trial.rename('/d/s', '/moved');
    trial.faults.pause(({ operation }) => operation === 'move');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await store.delete('/d', { recursive: true });
    assert.equal(await trial.find('/d'), undefined);
    await until(async () => (await trial.find('/moved/deep')) !== undefined);
    trial.faults.resume();
    await drained;
    assert.equal(await trial.find('/moved'), undefined);
    assert.deepEqual(trial.cache.pending(), []);
    assert.deepEqual(await contentsOf(store), {});
  });

  it('comes back for a file that was written meanwhile', limit, async (t) => {
    const { trial, store } = await prepared(t);
    await trial.save('/d/f', 'new');
    trial.faults.pause(({ operation }) => operation === 'write');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await store.delete('/d', { recursive: true });
    await trial.find('/d');
    trial.faults.resume();
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(store), { '/d': null, '/d/f': 'new' });
    assert.equal(await trial.text('/d/f'), 'new');
  });
});
