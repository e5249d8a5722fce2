import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { StoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';
import { isInside, nameOf, parentOf } from '../store/path.ts';

const limit = { timeout: 30_000 };

/** Removes a directory as `rm -rf` does: what is in it first. */
async function removeTree(trial: CacheTrial, path: string): Promise<void> {
  for (const node of await trial.tree.list(await trial.id(path))) {
    const child = `${path}/${node.shownName}`;
    if (node.kind === 'directory') await removeTree(trial, child);
    else await trial.remove(child);
  }
  await trial.remove(path, 'directory');
}

/** A cache that knows all of `/d`: five files, and three in `/d/sub`. */
async function withTree(trial: CacheTrial): Promise<void> {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await writeBytes(trial.store, `/d/${name}`, name);
  for (const name of ['x', 'y', 'z']) await writeBytes(trial.store, `/d/sub/${name}`, name);
  await writeBytes(trial.store, '/other', 'other');
  await Array.fromAsync(trial.cache.list('/', { recursive: true }));
  trial.seen.length = 0;
}

function deletes(trial: CacheTrial): string[] {
  return trial.sent().filter((call) => call.startsWith('delete'));
}

describe('deletes of many', () => {
  it('a removed tree goes by one call', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    await removeTree(trial, '/d');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['deleteAll']);
    assert.deepEqual(await contentsOf(trial.store), { '/other': 'other' });
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('so do many files of a directory that stays', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    for (const name of ['a', 'b', 'c', 'd']) await trial.remove(`/d/${name}`);
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['deleteAll']);
    assert.deepEqual(Object.keys(await contentsOf(trial.store)), [
      '/d',
      '/d/e',
      '/d/sub',
      '/d/sub/x',
      '/d/sub/y',
      '/d/sub/z',
      '/other',
    ]);
  });

  it('one call takes what was removed while time passed, when the directory is due', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 400 });
    await withTree(trial);
    for (const path of ['/d/a', '/d/b', '/d/sub/x', '/d/c']) {
      await trial.remove(path);
      await sleep(30);
    }
    await removeTree(trial, '/d');
    const removed = Date.now();
    await until(() => trial.cache.pending().length === 0);
    assert.deepEqual(trial.sent(), ['deleteAll']);
    assert.ok((trial.seen.find(({ call }) => call.operation === 'deleteAll')?.began ?? 0) - removed >= 390);
  });

  it('what was moved out is moved before', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    await trial.rename('/d/sub/y', '/saved');
    await removeTree(trial, '/d');
    await trial.cache.drain();
    const calls = trial.sent();
    assert.equal(calls.filter((call) => call === 'move /d/sub/y /saved').length, 1);
    assert.deepEqual(await contentsOf(trial.store), { '/other': 'other', '/saved': 'y' });
  });

  it('a file that somebody else changed stays, is shown again, and nobody tries again', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    await removeTree(trial, '/d');
    await writeBytes(trial.store, '/d/sub/y', 'theirs');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), {
      '/d': null,
      '/d/sub': null,
      '/d/sub/y': 'theirs',
      '/other': 'other',
    });
    assert.equal(await trial.text('/d/sub/y'), 'theirs');
    assert.equal(await trial.find('/d/a'), undefined);
    await sleep(100);
    assert.deepEqual(trial.sent(), ['deleteAll']);
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('so does what somebody else has put there', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    await removeTree(trial, '/d');
    await writeBytes(trial.store, '/d/sub/new', 'theirs');
    await writeBytes(trial.store, '/d/more/new', 'theirs');
    await trial.cache.drain();
    assert.equal(await trial.text('/d/sub/new'), 'theirs');
    assert.equal(await trial.text('/d/more/new'), 'theirs');
    const left = await contentsOf(trial.store);
    assert.deepEqual(Object.keys(left), ['/d', '/d/more', '/d/more/new', '/d/sub', '/d/sub/new', '/other']);
    await sleep(100);
    assert.deepEqual(trial.sent(), ['deleteAll']);
  });

  it('a refusal of one leaves the others: each is tried alone', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    const refusal = (path: string): StoreError => new StoreError('PermissionDenied', { path, message: 'not yours' });
    trial.faults.fail = ({ operation, path }) =>
      operation === 'deleteAll' || (operation === 'delete' && path === '/d/c') ? refusal(path ?? '') : undefined;
    for (const name of ['a', 'b', 'c', 'd']) await trial.remove(`/d/${name}`);
    await assert.rejects(trial.cache.drain(), /\/d\/c/);
    assert.deepEqual(
      Object.keys(await contentsOf(trial.store))
        .filter((path) => parentOf(path) === '/d')
        .map(nameOf),
      ['c', 'e', 'sub'],
    );
    assert.deepEqual(deletes(trial).toSorted(), [
      'delete /d/a',
      'delete /d/b',
      'delete /d/c',
      'delete /d/d',
      'deleteAll',
    ]);
    assert.deepEqual(
      trial.cache.problems().map(({ path }) => path),
      ['/d/c'],
    );
  });

  it('after an outage they go together again', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    let calls = 0;
    trial.faults.fail = ({ operation }) =>
      operation === 'deleteAll' && ++calls === 1 ? new StoreError('Unavailable', { message: 'away' }) : undefined;
    await removeTree(trial, '/d');
    await trial.cache.drain();
    assert.ok(trial.calls('deleteAll').length <= 4, 'the tries of one failure come at about the same time');
    assert.deepEqual(await contentsOf(trial.store), { '/other': 'other' });
  });

  it('nothing is sent into a directory that is being deleted with its content', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    await removeTree(trial, '/d');
    trial.faults.pause(({ operation }) => operation === 'deleteAll');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await trial.makeDirectory('/d');
    await trial.save('/d/a', 'new');
    const again = trial.cache.drain();
    await sleep(100);
    assert.deepEqual(
      trial.sent().filter((call) => isInside(call.split(' ')[1] ?? '/', '/d')),
      [],
    );
    trial.faults.resume();
    await Promise.all([drained, again]);
    assert.deepEqual(await contentsOf(trial.store), { '/d': null, '/d/a': 'new', '/other': 'other' });
  });

  it('a restart in the middle goes on', limit, async (t) => {
    const trial = new CacheTrial(t);
    await withTree(trial);
    await removeTree(trial, '/d');
    trial.faults.pause(({ operation }) => operation === 'deleteAll');
    const drained = trial.cache.drain().catch(() => undefined);
    await trial.faults.held();
    const reopened = trial.reopen();
    trial.faults.resume();
    await reopened;
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/other': 'other' });
  });
});
