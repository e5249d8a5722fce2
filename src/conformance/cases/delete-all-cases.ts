import assert from 'node:assert/strict';
import type { KnownEntry } from '../../store/store.ts';
import { expectFailure, expectStoreError } from '../expect.ts';
import { type StoreCase, withoutPreconditions } from '../store-case.ts';
import type { Trial } from '../trial.ts';

const many = 1100;
const strangeNames = ['a b', 'c%20d', 'quote\'"', '+plus', 'ümlaut', '😀', 'x&<y>'];

/** `deleteAll`: what is as it was told goes, and nothing else. */
export const deleteAllCases: readonly StoreCase[] = [
  {
    name: 'deleteAll takes a whole tree that is as it was told, and leaves its parent',
    run: async (trial) => {
      await trial.settled(trial.store.makeDirectory('/top/tree/empty'));
      for (const path of ['/top/tree/a', '/top/tree/b/c', '/top/tree/b/d/e']) await trial.put(path);
      const told = await knownBelow(trial, '/top/tree');
      assert.deepEqual(await trial.settled(trial.store.deleteAll(told)), []);
      assert.deepEqual(await trial.tree(), { '/top/': '' });
    },
  },
  {
    name: 'deleteAll takes files out of directories that stay, and nothing beside them',
    run: async (trial) => {
      for (const path of ['/d/a', '/d/ab', '/d/b', '/d/sub/x', '/e/only', '/top', '/topper']) await trial.put(path);
      const told = await known(trial, ['/d/a', '/d/b', '/e/only', '/top']);
      assert.deepEqual(await trial.settled(trial.store.deleteAll(told)), []);
      const left = ['/d/', '/d/ab', '/d/sub/', '/d/sub/x', '/e/', '/topper'];
      assert.deepEqual(await trial.paths('/', { recursive: true }), left);
    },
  },
  {
    name: 'deleteAll leaves a file of another revision, with the directories above it',
    unless: withoutPreconditions,
    run: async (trial) => {
      for (const path of ['/d/changed', '/d/same', '/d/sub/changed', '/d/sub/same', '/other/x']) await trial.put(path);
      const told = [...(await knownBelow(trial, '/d')), ...(await knownBelow(trial, '/other'))];
      await trial.put('/d/sub/changed', 'by somebody else');
      assert.deepEqual((await trial.settled(trial.store.deleteAll(told))).toSorted(), [
        '/d',
        '/d/sub',
        '/d/sub/changed',
      ]);
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/sub/': '', '/d/sub/changed': 'by somebody else' });
    },
  },
  {
    name: 'deleteAll of a loose file leaves another revision',
    unless: withoutPreconditions,
    run: async (trial) => {
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await trial.put(`/d/${name}`);
      const told = (await knownBelow(trial, '/d')).filter(({ kind }) => kind === 'file');
      await trial.put('/d/c', 'by somebody else');
      assert.deepEqual(await trial.settled(trial.store.deleteAll(told)), ['/d/c']);
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/c': 'by somebody else' });
    },
  },
  {
    name: 'deleteAll leaves what was not told, with the directories above it',
    run: async (trial) => {
      for (const path of ['/d/a', '/d/sub/b', '/d/sub/deep/c', '/d/gone/x']) await trial.put(path);
      const told = await knownBelow(trial, '/d');
      await trial.put('/d/sub/new', 'by somebody else');
      await trial.settled(trial.store.makeDirectory('/d/made'));
      assert.deepEqual((await trial.settled(trial.store.deleteAll(told))).toSorted(), ['/d', '/d/sub']);
      const left = { '/d/': '', '/d/made/': '', '/d/sub/': '', '/d/sub/new': 'by somebody else' };
      assert.deepEqual(await trial.tree(), left);
    },
  },
  {
    name: 'deleteAll of a directory alone leaves it when anything is in it',
    run: async (trial) => {
      await trial.put('/full/file', 'content');
      await trial.settled(trial.store.makeDirectory('/empty'));
      const told: KnownEntry[] = ['/full', '/empty'].map((path) => ({ kind: 'directory', path }));
      assert.deepEqual(await trial.settled(trial.store.deleteAll(told)), ['/full']);
      assert.deepEqual(await trial.tree(), { '/full/': '', '/full/file': 'content' });
    },
  },
  {
    name: 'deleteAll keeps a directory that was not told, though the one above it was',
    run: async (trial) => {
      await trial.put('/d/between/file', 'content');
      const told = await known(trial, ['/d', '/d/between/file']);
      assert.deepEqual(await trial.settled(trial.store.deleteAll(told)), ['/d']);
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/between/': '' });
    },
  },
  {
    name: 'deleteAll leaves what is of the other kind',
    run: async (trial) => {
      await trial.put('/file', 'content');
      await trial.put('/d/file', 'content');
      await trial.settled(trial.store.makeDirectory('/directory'));
      await trial.settled(trial.store.makeDirectory('/d/directory'));
      const told: KnownEntry[] = [
        { kind: 'directory', path: '/file' },
        { kind: 'directory', path: '/d/file' },
        { kind: 'file', path: '/directory' },
        { kind: 'file', path: '/d/directory' },
      ];
      const kept = await trial.settled(trial.store.deleteAll(told));
      assert.deepEqual(kept.toSorted(), told.map(({ path }) => path).toSorted());
      const left = { '/d/': '', '/d/directory/': '', '/d/file': 'content', '/directory/': '', '/file': 'content' };
      assert.deepEqual(await trial.tree(), left);
    },
  },
  {
    name: 'deleteAll of what is gone succeeds, and so does a repetition',
    run: async (trial) => {
      await trial.put('/d/a');
      await trial.put('/d/sub/b');
      const told = await knownBelow(trial, '/d');
      await trial.settled(trial.store.delete('/d/a'));
      for (let i = 0; i < 2; i++) assert.deepEqual(await trial.settled(trial.store.deleteAll(told)), []);
      assert.deepEqual(await trial.settled(trial.store.deleteAll([])), []);
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'deleteAll takes names of any kind, byte for byte',
    run: async (trial) => {
      const { refusedNames } = trial.capabilities;
      const names = strangeNames.filter((name) => refusedNames?.test(name) !== true);
      for (const name of names) await trial.put(`/d/${name}/${name}`);
      for (const name of names) await trial.put(`/loose/${name}`);
      const loose = (await knownBelow(trial, '/loose')).filter(({ kind }) => kind === 'file');
      assert.deepEqual(await trial.settled(trial.store.deleteAll([...(await knownBelow(trial, '/d')), ...loose])), []);
      assert.deepEqual(await trial.tree(), { '/loose/': '' });
    },
  },
  {
    name: `deleteAll of ${many} files`,
    run: async (trial) => {
      const paths = Array.from({ length: many }, (_, i) => `/many/f${i}`);
      for (let at = 0; at < many; at += 50) await Promise.all(paths.slice(at, at + 50).map((path) => trial.put(path)));
      const all = await knownBelow(trial, '/many');
      const loose = all.filter(({ kind, path }) => kind === 'file' && path !== '/many/f77' && path !== '/many/f777');
      assert.deepEqual(await trial.settled(trial.store.deleteAll(loose)), []);
      assert.deepEqual(await trial.paths('/many'), ['/many/f77', '/many/f777']);
      assert.deepEqual(await trial.settled(trial.store.deleteAll(all)), []);
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'deleteAll of the root or of no path is InvalidPath, and changes nothing',
    run: async (trial) => {
      await trial.put('/file', 'content');
      for (const path of ['/', '', 'file', '/a/', '/../file']) {
        const told: KnownEntry[] = [
          { kind: 'file', path: '/file' },
          { kind: 'directory', path },
        ];
        await expectStoreError(() => trial.store.deleteAll(told), 'InvalidPath');
      }
      assert.deepEqual(await trial.tree(), { '/file': 'content' });
    },
  },
  {
    name: 'deleteAll that is aborted rejects with the reason, and changes nothing when it was aborted before',
    run: async (trial) => {
      await trial.put('/d/file', 'content');
      const told = await knownBelow(trial, '/d');
      const reason = new Error('no longer wanted');
      const aborted = (): Promise<unknown> => trial.store.deleteAll(told, { signal: AbortSignal.abort(reason) });
      assert.equal(await expectFailure(aborted, 'the reason'), reason);
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/file': 'content' });
    },
  },
];

/** A directory and all below it, as a listing tells it. */
async function knownBelow(trial: Trial, directory: string): Promise<KnownEntry[]> {
  const below = await Array.fromAsync(trial.store.list(directory, { recursive: true }));
  return [{ kind: 'directory', path: directory }, ...below];
}

async function known(trial: Trial, paths: readonly string[]): Promise<KnownEntry[]> {
  return await Promise.all(paths.map((path) => trial.store.stat(path)));
}
