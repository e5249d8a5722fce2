import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, contentsOf, type CacheTrialOptions, never, until } from '../../test/fakes/cache-trial.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { readText, writeBytes } from '../store/operations.ts';
import { nameOf, parentOf } from '../store/path.ts';
import { isTimedOut } from '../store/timed-out.ts';
import type { OpenFile } from './node-tree.ts';

const limit = { timeout: 30_000 };

function writeThrough(t: TestContext, options: CacheTrialOptions = {}): CacheTrial {
  return new CacheTrial(t, { uploadDelay: never, writeThrough: true, ...options });
}

/** A new file, open for writing. */
async function create(trial: CacheTrial, path: string): Promise<OpenFile> {
  const attributes = { mode: 0o644, uid: 1000, gid: 1000 };
  await trial.tree.createFile(await trial.id(parentOf(path)), nameOf(path), attributes);
  return await trial.open(path, true);
}

describe('a write-through cache', () => {
  it('has a file at the store when it is closed, with the directories above it', limit, async (t) => {
    const trial = writeThrough(t);
    await trial.makeDirectory('/d');
    await trial.makeDirectory('/d/e');
    const file = await create(trial, '/d/e/f');
    await file.write(0, Buffer.from('content'));
    await file.flush();
    assert.equal(await readText(trial.store, '/d/e/f'), 'content');
    await file.write(7, Buffer.from(' and more'));
    await file.sync();
    assert.equal(await readText(trial.store, '/d/e/f'), 'content and more');
    file.release();
  });

  it('fails the close with the reason, and sends the file all the same later', limit, async (t) => {
    const trial = writeThrough(t);
    const file = await create(trial, '/f');
    await file.write(0, Buffer.from('content'));
    trial.faults.fail = ({ operation, path }) =>
      operation === 'write' ? new StoreError('PermissionDenied', { operation, path, message: 'not here' }) : undefined;
    await assert.rejects(
      async () => file.flush(),
      (error) => isStoreError(error, 'PermissionDenied') && error.message.includes('not here'),
    );
    trial.faults.heal();
    await file.flush();
    assert.equal(await readText(trial.store, '/f'), 'content');
    file.release();
  });

  it('gives up a service that says nothing, and keeps the file', limit, async (t) => {
    const trial = writeThrough(t, { timeout: 300 });
    const file = await create(trial, '/f');
    await file.write(0, Buffer.from('content'));
    trial.faults.pause();
    await assert.rejects(async () => file.flush(), isTimedOut);
    file.release();
    trial.faults.resume();
    await until(async () => (await readText(trial.store, '/f').catch(() => '')) === 'content');
  });

  it('does not wait while uploads are paused, and says so', limit, async (t) => {
    const trial = writeThrough(t);
    trial.cache.uploads.pause();
    const file = await create(trial, '/f');
    await file.write(0, Buffer.from('content'));
    await assert.rejects(async () => file.flush(), /paused or held/);
    trial.cache.uploads.resume();
    await file.flush();
    assert.equal(await readText(trial.store, '/f'), 'content');
    file.release();
  });

  it('lets go of who is interrupted, and of what was removed', limit, async (t) => {
    const trial = writeThrough(t);
    const file = await create(trial, '/f');
    await file.write(0, Buffer.from('content'));
    trial.faults.pause();
    const controller = new AbortController();
    const closing = Promise.resolve(file.flush({ signal: controller.signal }));
    controller.abort(new Error('interrupted'));
    await assert.rejects(closing, /interrupted/);
    trial.faults.resume();
    await trial.remove('/f');
    await file.flush();
    file.release();
  });

  it(
    'has the names of a directory at the store when that is synced, but not what is being written',
    limit,
    async (t) => {
      const trial = writeThrough(t);
      for (const name of ['gone', 'from']) await writeBytes(trial.store, `/d/${name}`, name);
      await trial.makeDirectory('/d/new');
      await trial.remove('/d/gone');
      await trial.rename('/d/from', '/d/to');
      const file = await create(trial, '/d/open');
      await file.write(0, Buffer.from('content'));
      trial.faults.fail = ({ operation, path }) =>
        path === '/d/open' ? new StoreError('Unavailable', { operation, path, message: 'not yet' }) : undefined;
      await trial.tree.sync(await trial.id('/d'));
      const names = Object.keys(await contentsOf(trial.store)).toSorted();
      assert.deepEqual(names, ['/d', '/d/new', '/d/to']);
      file.release();
    },
  );
});
