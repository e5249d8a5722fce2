import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, type DropboxTrial, trialDropbox } from '../../../test/fakes/dropbox/dropbox-trial.ts';
import { isStoreError } from '../../store/errors.ts';
import { writeBytes } from '../../store/operations.ts';
import { DropboxStore } from './dropbox-store.ts';

const limit = { timeout: 30_000 };
const [poll, look] = ['files/list_folder/longpoll', 'files/list_folder/continue'];
const aMinute = 60_000;

async function position({ store }: DropboxTrial): Promise<string> {
  return (await store.changes(undefined)).position;
}

/** Somebody else makes a file. */
function make({ fake }: DropboxTrial, path: string): void {
  fake.disk.write({ path, mode: 'add' }, Buffer.from('x'));
}

describe('Dropbox, waited for,', () => {
  it('tells what changed when it does, by a request that waits and one that asks', limit, async () => {
    await using trial = await trialDropbox();
    const since = await position(trial);
    const began = Date.now();
    const waiting = trial.store.changes(since, { wait: aMinute });
    await sleep(200);
    assert.deepEqual([trial.asked(poll), trial.asked(look)], [0, 0], 'nothing is asked again and again');
    make(trial, '/new');
    const { told, position: next, until = 0 } = await waiting;
    assert.deepEqual(
      told.map(({ path }) => path),
      ['/new'],
    );
    assert.ok(until >= began + 200 && next !== since);
    assert.deepEqual([trial.asked(poll), trial.asked(look)], [1, 1]);
  });

  it('is asked at the end of the time, and told of as of then', limit, async () => {
    await using trial = await trialDropbox();
    const since = await position(trial);
    const began = Date.now();
    const { told, position: next, until = 0 } = await trial.store.changes(since, { wait: 300 });
    assert.deepEqual([told, next], [[], since]);
    assert.ok(until >= began + 290);
    assert.equal(trial.asked(look), 1);
  });

  it('is left alone for as long as it wants, and still asked', limit, async () => {
    await using trial = await trialDropbox();
    trial.fake.backoff = 60;
    const since = await position(trial);
    make(trial, '/a');
    const { position: next } = await trial.store.changes(since, { wait: aMinute });
    assert.equal(trial.asked(poll), 1);
    make(trial, '/b');
    const { told } = await trial.store.changes(next, { wait: 200 });
    assert.deepEqual([told.map(({ path }) => path), trial.asked(poll), trial.asked(look)], [['/b'], 1, 2]);
  });

  it('that has forgotten the cursor tells that everything may have changed', limit, async () => {
    await using trial = await trialDropbox();
    const since = await position(trial);
    trial.fake.cursors.clear();
    assert.equal((await trial.store.changes(since, { wait: aMinute })).everything, true);
  });

  it('is asked instead where waiting fails, and not waited for again for a while', limit, async () => {
    await using trial = await trialDropbox();
    const since = await position(trial);
    make(trial, '/new');
    trial.fake.faults.add({ when: at(poll), answer: { status: 503 }, times: 10 });
    const { told, position: next } = await trial.store.changes(since, { wait: aMinute });
    assert.deepEqual(
      told.map(({ path }) => path),
      ['/new'],
    );
    await trial.store.changes(next, { wait: 200 });
    assert.deepEqual([trial.asked(poll), trial.asked(look)], [1, 2]);
  });

  it('that cannot be reached at all fails', limit, async () => {
    await using trial = await trialDropbox();
    const since = await position(trial);
    trial.fake.faults.add({ answer: { status: 503 }, times: 1000 });
    await assert.rejects(trial.store.changes(since, { wait: aMinute }), (error) => isStoreError(error, 'Unavailable'));
  });

  it('is waited for beside other requests, whose number it does not limit', limit, async () => {
    await using trial = await trialDropbox();
    const { appKey, appSecret, refreshToken } = trial.fake.logins;
    const store = new DropboxStore({ appKey, appSecret, refreshToken, endpoint: trial.fake.origin });
    const { position: since } = await store.changes(undefined);
    const waits = Array.from({ length: 20 }, () => store.changes(since, { wait: aMinute }));
    await writeBytes(store, '/new', 'x');
    for (const { told } of await Promise.all(waits)) assert.equal(told.length, 1);
    await store.close();
  });
});
