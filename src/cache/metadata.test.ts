import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CacheTrial, contentsOf, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { writeBytes } from '../store/operations.ts';
import type { Entry, ListOptions } from '../store/store.ts';
import type { TreeChange } from './node-tree.ts';

const limit = { timeout: 30_000 };

/** The names in a directory of the tree. */
async function names(trial: CacheTrial, path: string): Promise<string[]> {
  return (await trial.tree.list(await trial.id(path))).map(({ shownName }) => shownName).toSorted();
}

/** What the tree announces, in words. */
function announced(trial: CacheTrial): string[] {
  const changes: string[] = [];
  trial.tree.onChange((change: TreeChange) => {
    changes.push(
      'name' in change ? `${change.kind} ${change.name}` : `${change.kind} ${trial.tree.get(change.node).shownName}`,
    );
  });
  return changes;
}

describe('what is known of a directory', () => {
  it('one listing answers for every name in it, also for those it does not have', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/a', 'a');
    assert.ok(await trial.find('/d/a'));
    trial.seen.length = 0;
    for (let i = 0; i < 100; i++) assert.equal(await trial.find(`/d/absent ${i}`), undefined);
    assert.deepEqual(await names(trial, '/d'), ['a']);
    await trial.makeDirectory('/d/new');
    assert.equal(await trial.find('/d/new/absent'), undefined);
    assert.deepEqual(trial.seen, []);
  });

  it('questions at the same time share a listing', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/a', 'a');
    await Promise.all(Array.from({ length: 50 }, (_, i) => trial.find(`/${i}`)));
    assert.equal(trial.calls('list').length, 1);
  });

  it('is asked again when it is too old, and changes are announced', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 100 });
    await writeBytes(trial.store, '/d/changed', 'old');
    await writeBytes(trial.store, '/d/removed', 'removed');
    await writeBytes(trial.store, '/d/same', 'same');
    for (const name of ['changed', 'removed', 'same']) await trial.text(`/d/${name}`);
    const number = await trial.id('/d/changed');
    const changes = announced(trial);
    await writeBytes(trial.store, '/d/changed', 'changed');
    await trial.store.delete('/d/removed');
    await writeBytes(trial.store, '/d/added', 'added');
    await sleep(150);
    assert.deepEqual(await names(trial, '/d'), ['added', 'changed', 'same']);
    assert.deepEqual(changes.toSorted(), ['added added', 'content changed', 'removed removed']);
    trial.seen.length = 0;
    assert.equal(await trial.text('/d/changed'), 'changed');
    assert.equal(await trial.text('/d/same'), 'same');
    assert.equal(await trial.id('/d/changed'), number);
    assert.deepEqual(
      trial.calls('read').map(({ path }) => path),
      ['/d/changed'],
    );
  });

  it('is served when the store cannot be reached, and nothing vanishes', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 50 });
    await writeBytes(trial.store, '/d/a', 'a');
    await trial.text('/d/a');
    trial.faults.offline = true;
    await sleep(100);
    assert.deepEqual(await names(trial, '/d'), ['a']);
    assert.equal(await trial.text('/d/a'), 'a');
    await trial.save('/d/b', 'b');
    assert.deepEqual(await names(trial, '/d'), ['a', 'b']);
    await trial.reopen({ metadataTime: 50 });
    assert.deepEqual(await names(trial, '/d'), ['a', 'b']);
    assert.equal(await trial.text('/d/a'), 'a');
    trial.faults.offline = false;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/d': null, '/d/a': 'a', '/d/b': 'b' });
  });

  it('a listing that breaks off removes nothing', limit, async (t) => {
    class Breaking extends MemoryStore {
      broken = false;
      override async *list(path: string, options?: ListOptions): AsyncGenerator<Entry> {
        for await (const entry of super.list(path, options)) {
          yield entry;
          if (this.broken) throw new StoreError('Unavailable', { operation: 'list', path });
        }
      }
    }
    const store = new Breaking();
    for (const name of ['a', 'b', 'c']) await writeBytes(store, `/${name}`, name);
    const trial = new CacheTrial(t, { store, metadataTime: 50 });
    for (const name of ['a', 'b', 'c']) await trial.text(`/${name}`);
    const changes = announced(trial);
    store.broken = true;
    await store.delete('/c');
    await sleep(100);
    assert.deepEqual(await names(trial, '/'), ['a', 'b', 'c']);
    assert.deepEqual(changes, []);
  });

  it('a removed directory goes with all that is clean in it; what was changed here stays', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 50 });
    for (const path of ['/gone/a', '/gone/sub/b', '/kept/a', '/kept/edited'])
      await writeBytes(trial.store, path, 'old');
    for (const path of ['/gone/a', '/gone/sub/b', '/kept/a', '/kept/edited']) await trial.text(path);
    await trial.save('/kept/edited', 'edited');
    await trial.store.delete('/gone', { recursive: true });
    await trial.store.delete('/kept', { recursive: true });
    await sleep(100);
    assert.deepEqual(await names(trial, '/'), ['kept']);
    assert.deepEqual(await names(trial, '/kept'), ['edited']);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/kept': null, '/kept/edited': 'edited' });
  });
});

describe('a file that is open', () => {
  it('stays readable when it is deleted at the store', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 50 });
    await writeBytes(trial.store, '/a', 'content');
    const file = await trial.open('/a');
    await readFrom(file, 0, 7);
    await trial.store.delete('/a');
    await sleep(100);
    assert.equal(await trial.find('/a'), undefined);
    assert.equal(Buffer.from(await readFrom(file, 0, 7)).toString(), 'content');
    file.release();
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), {});
    assert.equal(trial.cache.statistics().cachedBytes, 0);
  });

  it('fails where it was not read before, rather than to make bytes up', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 50 });
    await writeBytes(trial.store, '/a', 'x'.repeat(1 << 20));
    const file = await trial.open('/a');
    await trial.store.delete('/a');
    await sleep(100);
    assert.equal(await trial.find('/a'), undefined);
    await assert.rejects(async () => readFrom(file, 500_000, 7), { code: 'NotFound' });
    file.release();
  });
});

describe('a listing under way', () => {
  it('neither removes nor doubles a file whose upload ends meanwhile', limit, async (t) => {
    for (const [end, what] of [
      ['list', 'the listing is older than the upload'],
      ['write', 'the upload is older than the listing'],
    ] as const) {
      await t.test(what, async (each) => {
        const trial = new CacheTrial(each, { metadataTime: 50, uploadDelay: 0 });
        await trial.tree.list(trial.tree.root);
        await sleep(100);
        trial.faults.pause(({ operation }) => operation === end);
        const listing = Promise.resolve(trial.tree.list(trial.tree.root));
        await until(() => trial.running().length > 0 || trial.calls('list').length > 1);
        const saving = trial.save('/f', 'x');
        if (end === 'list') await until(() => trial.calls('list').length > 1);
        trial.faults.resume();
        await saving;
        await listing;
        await until(() => trial.cache.pending().length === 0);
        await sleep(100);
        assert.deepEqual(await names(trial, '/'), ['f']);
        assert.equal(await trial.text('/f'), 'x');
        assert.deepEqual(trial.sent(), ['write /f']);
        assert.deepEqual(trial.cache.problems(), []);
      });
    }
  });

  it('of a directory that is moved meanwhile says nothing about it', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 100 });
    await writeBytes(trial.store, '/d/a', 'a');
    await trial.text('/d/a');
    const number = await trial.id('/d/a');
    const changes = announced(trial);
    await sleep(150);
    await trial.tree.list(trial.tree.root);
    trial.faults.pause(({ operation, path }) => operation === 'list' && path === '/d');
    const listing = Promise.resolve(trial.tree.list(await trial.id('/d')));
    await trial.faults.held();
    await trial.rename('/d', '/e');
    await trial.makeDirectory('/d');
    await trial.cache.drain();
    trial.faults.resume();
    await listing;
    assert.equal(await trial.id('/e/a'), number);
    assert.deepEqual(changes, []);
    assert.deepEqual(await names(trial, '/d'), []);
  });
});
