import assert from 'node:assert/strict';
import { expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';

/** `delete`: what it takes with it, and what it leaves. */
export const deleteCases: readonly StoreCase[] = [
  {
    name: 'delete removes a file and nothing beside it',
    run: async (trial) => {
      for (const path of ['/a', '/ab', '/a.txt', '/b/a', '/b/ab']) await trial.put(path);
      await trial.settled(trial.store.delete('/a'));
      await trial.settled(trial.store.delete('/b/a'));
      assert.deepEqual(await trial.tree(), { '/a.txt': '/a.txt', '/ab': '/ab', '/b/': '', '/b/ab': '/b/ab' });
    },
  },
  {
    name: 'delete of a directory with entries is NotEmpty, and nothing is lost',
    run: async (trial) => {
      await trial.put('/file/below', 'content');
      await trial.settled(trial.store.makeDirectory('/directory/below'));
      for (const path of ['/file', '/directory']) {
        await expectStoreError(() => trial.store.delete(path), 'NotEmpty');
        await expectStoreError(() => trial.store.delete(path, { recursive: false }), 'NotEmpty');
      }
      const left = { '/directory/': '', '/directory/below/': '', '/file/': '', '/file/below': 'content' };
      assert.deepEqual(await trial.tree(), left);
    },
  },
  {
    name: 'delete removes an empty directory, and its parent stays',
    run: async (trial) => {
      await trial.settled(trial.store.makeDirectory('/a/b'));
      await trial.settled(trial.store.delete('/a/b'));
      assert.deepEqual(await trial.tree(), { '/a/': '' });
      await trial.settled(trial.store.delete('/a'));
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'a directory stays when its last entry is deleted or moved away',
    run: async (trial) => {
      await trial.put('/deleted/from/file');
      await trial.put('/moved/from/file', 'content');
      await trial.settled(trial.store.delete('/deleted/from/file'));
      await trial.settled(trial.store.move('/moved/from/file', '/file'));
      const left = { '/deleted/': '', '/deleted/from/': '', '/file': 'content', '/moved/': '', '/moved/from/': '' };
      assert.deepEqual(await trial.tree(), left);
    },
  },
  {
    name: 'a recursive delete removes everything below, and no neighbour whose name begins alike',
    run: async (trial) => {
      for (const path of ['/a/1', '/a/b/2', '/a/b/c/3', '/ab', '/a.txt', '/a b/4', '/A2/5', '/b/a/6'])
        await trial.put(path);
      await trial.settled(trial.store.makeDirectory('/a/empty'));
      await trial.settled(trial.store.delete('/a', { recursive: true }));
      const files = (await trial.paths('/', { recursive: true })).filter((path) => !path.endsWith('/'));
      assert.deepEqual(files, ['/A2/5', '/a b/4', '/a.txt', '/ab', '/b/a/6'].sort());
      await expectStoreError(() => trial.store.stat('/a'), 'NotFound');
    },
  },
  {
    name: 'a recursive delete removes a file or an empty directory too',
    run: async (trial) => {
      await trial.put('/file');
      await trial.settled(trial.store.makeDirectory('/directory'));
      await trial.settled(trial.store.delete('/file', { recursive: true }));
      await trial.settled(trial.store.delete('/directory', { recursive: true }));
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'what does not exist is deleted already',
    run: async (trial) => {
      await trial.put('/file', 'content');
      for (const path of ['/missing', '/missing/file', '/file/below', '/fil']) {
        await trial.settled(trial.store.delete(path));
        await trial.settled(trial.store.delete(path, { recursive: true }));
      }
      await trial.settled(trial.store.delete('/file'));
      await trial.settled(trial.store.delete('/file'));
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'delete of the root is InvalidPath',
    run: async (trial) => {
      await expectStoreError(() => trial.store.delete('/'), 'InvalidPath');
      await trial.put('/file', 'content');
      await expectStoreError(() => trial.store.delete('/'), 'InvalidPath');
      await expectStoreError(() => trial.store.delete('/', { recursive: true }), 'InvalidPath');
      assert.deepEqual(await trial.tree(), { '/file': 'content' });
    },
  },
  {
    name: 'a deleted name can be used again, also by the other kind',
    run: async (trial) => {
      await trial.put('/x', 'file');
      await trial.settled(trial.store.delete('/x'));
      await trial.put('/x/y', 'below');
      assert.deepEqual(await trial.tree(), { '/x/': '', '/x/y': 'below' });
      await trial.settled(trial.store.delete('/x', { recursive: true }));
      await trial.put('/x', 'file again');
      assert.deepEqual(await trial.tree(), { '/x': 'file again' });
    },
  },
];
