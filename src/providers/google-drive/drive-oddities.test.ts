import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type TrialDrive, trialDrive } from '../../../test/fakes/google-drive/trial-drive.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import type { Store } from '../../store/store.ts';

const limit = { timeout: 60_000 };

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

async function namesIn(store: Store, path: string, recursive = false): Promise<string[]> {
  return (await Array.fromAsync(store.list(path, { recursive }))).map((entry) => entry.path).sort();
}

async function texts(store: Store, paths: readonly string[]): Promise<string[]> {
  return await Promise.all(paths.map((path) => readText(store, path)));
}

function link(trial: TrialDrive, name: string, mimeType: string): string {
  const [id = ''] = trial.fake.disk.reserveIds(1);
  trial.fake.disk.create({ id, name, mimeType }, undefined, true);
  return id;
}

describe('names of Drive', () => {
  it('that several files have are shown apart, and the oldest keeps it', limit, async () => {
    await using trial = await trialDrive();
    const store = trial.open();
    trial.make('a.txt', 'first');
    const second = trial.make('a.txt', 'second');
    const apart = `/a (${second.id}).txt`;
    assert.deepEqual(await namesIn(store, '/'), [apart, '/a.txt']);
    assert.deepEqual(await namesIn(store, '/', true), [apart, '/a.txt']);
    assert.deepEqual(await texts(trial.open(), ['/a.txt', apart]), ['first', 'second']);
    await writeBytes(store, apart, 'changed');
    assert.equal(second.content?.toString(), 'changed');
    await store.move(apart, '/b.txt');
    assert.deepEqual(await texts(store, ['/a.txt', '/b.txt']), ['first', 'changed']);
    await assert.rejects(store.stat(apart), failsWith('NotFound'));
  });

  it('that no path can hold are shown with their id', limit, async () => {
    await using trial = await trialDrive();
    const names = ['a/b', '..', '', 'n'.repeat(300)];
    const made = names.map((name) => trial.make(name, `content of ${name}`));
    const shown = await namesIn(trial.open(), '/');
    assert.equal(shown.length, names.length);
    assert.ok(shown.includes(`/a_b (${made[0]?.id})`));
    for (const path of shown) assert.ok(Buffer.byteLength(path) <= 256);
    assert.deepEqual((await texts(trial.open(), shown)).sort(), names.map((name) => `content of ${name}`).sort());
  });

  it('with the id of a file that lies elsewhere are not found', limit, async () => {
    await using trial = await trialDrive();
    const folder = trial.make('folder');
    const { id } = trial.make('a', 'inside', folder.id);
    await assert.rejects(trial.open().stat(`/a (${id})`), failsWith('NotFound'));
    await assert.rejects(trial.open().stat(`/folder/a (${id})`), failsWith('NotFound'));
  });
});

describe('documents and shortcuts', () => {
  for (const type of ['document', 'shortcut'])
    it(`a ${type} is a link, which can be moved and deleted and not be written`, limit, async () => {
      await using trial = await trialDrive();
      const store = trial.open();
      const id = link(trial, 'doc', `application/vnd.google-apps.${type}`);
      const entry = await store.stat('/doc');
      const text = await readText(store, '/doc');
      assert.ok(entry.kind === 'file' && entry.size === text.length && text.includes(id));
      assert.deepEqual(await Array.fromAsync(store.list('/')), [entry]);
      await assert.rejects(writeBytes(store, '/doc', ''), failsWith('Unsupported'));
      await store.move('/doc', '/moved');
      assert.equal(await readText(store, '/moved'), text);
      await store.delete('/moved');
      assert.deepEqual(await namesIn(store, '/'), []);
    });
});

describe('the trash', () => {
  it('takes what is deleted or replaced by a move, and is not shown', limit, async () => {
    await using trial = await trialDrive();
    const store = trial.open();
    const folder = trial.make('folder');
    trial.make('inside', 'x', folder.id);
    const replaced = trial.make('replaced', 'old');
    await writeBytes(store, '/new', 'new');
    await store.move('/new', '/replaced');
    await store.delete('/folder', { recursive: true });
    assert.deepEqual([folder.trashed, replaced.trashed], [true, true]);
    assert.deepEqual(await namesIn(store, '/', true), ['/replaced']);
    await assert.rejects(store.stat('/folder/inside'), failsWith('NotFound'));
    assert.equal(await readText(store, '/replaced'), 'new');
  });

  it('is left out where that is asked for', limit, async () => {
    await using trial = await trialDrive();
    const { id } = trial.make('file', 'x');
    await trial.open({ deletePermanently: true }).delete('/file');
    assert.equal(trial.fake.disk.files.has(id), false);
  });

  it('does not swallow what is written into a folder that somebody has put there', limit, async () => {
    await using trial = await trialDrive();
    const store = trial.open();
    await writeBytes(store, '/folder/a', 'a');
    const folder = [...trial.fake.disk.files.values()].find(({ name }) => name === 'folder');
    if (folder !== undefined) folder.trashed = true;
    await writeBytes(store, '/folder/b', 'b');
    assert.deepEqual(await namesIn(trial.open(), '/', true), ['/folder', '/folder/b']);
    assert.equal(await readText(trial.open(), '/folder/b'), 'b');
  });
});
