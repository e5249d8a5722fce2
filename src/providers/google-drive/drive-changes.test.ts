/** What somebody else does at Google Drive, as `Store.changes` tells it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredDriveFile } from '../../../test/fakes/google-drive/stored-drive-file.ts';
import { trialDrive } from '../../../test/fakes/google-drive/trial-drive.ts';
import type { Store, ToldChange } from '../../store/store.ts';

const limit = { timeout: 20_000 };

interface Followed {
  readonly trial: Awaited<ReturnType<typeof trialDrive>>;
  readonly store: Store;
  readonly a: StoredDriveFile;
  readonly b: StoredDriveFile;
  readonly file: StoredDriveFile;
  /** What was told since the last time, by path. */
  readonly news: () => Promise<Record<string, ToldChange['entry'] | 'look'>>;
}

/** `/a/file`, `/a/below/deep` and `/b`, which were listed. */
async function followed(root = '/'): Promise<Followed> {
  const trial = await trialDrive();
  const top = root === '/' ? trial.fake.disk.rootId : trial.make(root.slice(1)).id;
  const [a, b] = [trial.make('a', undefined, top), trial.make('b', undefined, top)];
  const file = trial.make('file', 'content', a.id);
  trial.make('deep', 'content', trial.make('below', undefined, a.id).id);
  const store = trial.open({ root });
  await Array.fromAsync(store.list('/', { recursive: true }));
  let { position } = await store.changes(undefined);
  const news: Followed['news'] = async () => {
    const seen: Record<string, ToldChange['entry'] | 'look'> = {};
    for (let more = true; more; ) {
      const answer = await store.changes(position);
      assert.equal(answer.everything, false);
      for (const { path, entry } of answer.told) seen[path] = entry === undefined ? 'look' : entry;
      ({ position, more } = answer);
    }
    return seen;
  };
  return { trial, store, a, b, file, news };
}

describe('Google Drive tells', limit, () => {
  it('what is new, what changed and what was renamed', async () => {
    const { trial, a, file, news } = await followed();
    await using _ = trial;
    const { disk } = trial.fake;
    const made = trial.make('new', 'new', a.id);
    disk.update(file, {}, Buffer.from('other content'));
    const told = await news();
    assert.deepEqual(Object.keys(told).sort(), ['/a/file', '/a/new']);
    const entry = told['/a/file'];
    assert.ok(typeof entry === 'object' && entry?.kind === 'file' && entry.size === 13 && entry.id === file.id);
    disk.update(made, { name: 'renamed' });
    const renamed = await news();
    assert.deepEqual([renamed['/a/new'], Object.keys(renamed).length], [null, 2]);
    assert.ok(typeof renamed['/a/renamed'] === 'object');
    assert.deepEqual(await news(), {});
  });

  it('both places of what was moved, and the one that is left of what went away', async () => {
    const { trial, b, file, news } = await followed();
    await using _ = trial;
    const { disk } = trial.fake;
    disk.move(file, b.id, file.parents[0] ?? null, true);
    const moved = await news();
    assert.equal(moved['/a/file'], null);
    assert.ok(typeof moved['/b/file'] === 'object' && moved['/b/file'] !== null);
    disk.update(file, { trashed: true });
    assert.deepEqual(await news(), { '/b/file': null });
    disk.update(file, { trashed: false });
    assert.deepEqual(Object.keys(await news()), ['/b/file']);
    disk.delete(file);
    assert.deepEqual(await news(), { '/b/file': null });
  });

  it('a folder for all that is in it', async () => {
    const { trial, a, b, news } = await followed();
    await using _ = trial;
    const { disk } = trial.fake;
    disk.move(a, b.id, a.parents[0] ?? null, true);
    const moved = await news();
    assert.equal(moved['/a'], null);
    assert.deepEqual(Object.keys(moved).sort(), ['/a', '/b/a']);
    const deep = [...disk.files.values()].find(({ name }) => name === 'deep') as StoredDriveFile;
    disk.update(deep, {}, Buffer.from('changed'));
    assert.deepEqual(Object.keys(await news()), ['/b/a/below/deep']);
    disk.delete(b);
    assert.deepEqual(await news(), { '/b': null });
  });

  it('nothing of what lies elsewhere, and what comes from there or goes there', async () => {
    const { trial, a, file, news } = await followed('/mine');
    await using _ = trial;
    const { disk } = trial.fake;
    const other = trial.make('other', 'content');
    assert.deepEqual(await news(), {});
    disk.move(file, disk.rootId, file.parents[0] ?? null, true);
    assert.deepEqual(await news(), { '/a/file': null });
    disk.move(other, a.id, disk.rootId, true);
    assert.deepEqual(Object.keys(await news()), ['/a/other']);
  });

  it('only that one must look where several files have one name', async () => {
    const { trial, store, a, file, news } = await followed();
    await using _ = trial;
    const second = trial.make('file', 'second', a.id);
    await news();
    await Array.fromAsync(store.list('/a'));
    trial.fake.disk.delete(file);
    assert.deepEqual(await news(), { '/a/file': 'look' });
    trial.fake.disk.update(second, {}, Buffer.from('changed'));
    assert.ok(Object.values(await news()).every((entry) => entry === 'look'));
  });

  it('many changes in several answers', async () => {
    const { trial, a, news } = await followed();
    await using _ = trial;
    trial.fake.changesAtOnce = 7;
    for (let i = 0; i < 30; i++) trial.make(`f${i}`, 'x', a.id);
    assert.equal(Object.keys(await news()).length, 30);
  });

  it('that anything may have changed where it has forgotten, and after a restart', async () => {
    const { trial, store, a } = await followed();
    await using _ = trial;
    const { position } = await store.changes(undefined);
    assert.equal((await store.changes(position)).everything, false);
    const restarted = await trial.open().changes(position);
    assert.equal(restarted.everything, true);
    trial.make('new', 'x', a.id);
    trial.fake.disk.changes.oldest = trial.fake.disk.changes.next;
    const forgotten = await store.changes(position);
    assert.equal(forgotten.everything, true);
    assert.equal((await store.changes(forgotten.position)).everything, false);
  });
});
