import assert from 'node:assert/strict';
import { assertSameBytes, expectStoreError } from '../expect.ts';
import { sampleBytes } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';
import type { Trial } from '../trial.ts';

type Operation = 'copy' | 'move';

/** `copy` and `move`, which keep the same rules. */
export const transferCases: readonly StoreCase[] = (['copy', 'move'] as const).flatMap((operation) => [
  {
    name: `${operation} of a file`,
    run: async (trial) => {
      const content = sampleBytes(100_000);
      await trial.put('/from/file', content);
      await transfer(trial, operation, '/from/file', '/to');
      assertSameBytes(await trial.bytes('/to'), content, '/to');
      assert.equal((await trial.file('/to')).size, content.length);
      const left = operation === 'copy' ? ['/from/', '/from/file', '/to'] : ['/from/', '/to'];
      assert.deepEqual(await trial.paths('/', { recursive: true }), left);
      if (operation === 'move') await expectStoreError(() => trial.store.read('/from/file'), 'NotFound');
    },
  },
  {
    name: `${operation} of an empty file and of an empty directory`,
    run: async (trial) => {
      await trial.put('/file', '');
      await trial.settled(trial.store.makeDirectory('/directory'));
      await transfer(trial, operation, '/file', '/new file');
      await transfer(trial, operation, '/directory', '/new directory');
      const left = operation === 'copy' ? { '/directory/': '', '/file': '' } : {};
      assert.deepEqual(await trial.tree(), { ...left, '/new directory/': '', '/new file': '' });
    },
  },
  {
    name: `${operation} of a directory takes everything below with it, and no neighbour`,
    run: async (trial) => {
      for (const path of ['/a/1', '/a/b/2', '/a/b/c/3', '/ab', '/a.txt']) await trial.put(path);
      await trial.settled(trial.store.makeDirectory('/a/empty'));
      const before = await trial.tree();
      await transfer(trial, operation, '/a', '/new/place');
      const moved = Object.entries(before).filter(([path]) => path.startsWith('/a/'));
      const kept = Object.entries(before).filter(([path]) => operation === 'copy' || !path.startsWith('/a/'));
      const arrived = moved.map(([path, text]) => [`/new/place${path.slice(2)}`, text]);
      assert.deepEqual(await trial.tree(), { ...Object.fromEntries([...kept, ...arrived]), '/new/': '' });
      if (operation === 'move') await expectStoreError(() => trial.store.stat('/a'), 'NotFound');
    },
  },
  {
    name: `${operation} up and down, and to names that begin alike`,
    run: async (trial) => {
      await trial.put('/a/b/file', 'content');
      await transfer(trial, operation, '/a/b', '/ab');
      await transfer(trial, operation, '/ab', '/a/b2');
      await transfer(trial, operation, '/a/b2/file', '/a/file');
      await transfer(trial, operation, '/a/file', '/a/file.txt');
      assert.equal(await trial.text('/a/file.txt'), 'content');
      const left = ['/a/', '/a/b2/', '/a/file.txt'];
      if (operation === 'move') assert.deepEqual(await trial.paths('/', { recursive: true }), left);
    },
  },
  {
    name: `${operation} onto a file replaces it`,
    run: async (trial) => {
      await trial.put('/from', 'new content');
      await trial.put('/d/to', 'old');
      await transfer(trial, operation, '/from', '/d/to');
      const left = operation === 'copy' ? { '/from': 'new content' } : {};
      assert.deepEqual(await trial.tree(), { ...left, '/d/': '', '/d/to': 'new content' });
      assert.equal((await trial.file('/d/to')).size, 11);
    },
  },
  {
    name: `${operation} of a file onto a directory is IsADirectory, of a directory onto a file NotADirectory, onto a directory AlreadyExists`,
    run: (trial) =>
      unchanged(trial, async () => {
        await expectStoreError(() => trial.store[operation]('/file', '/empty'), 'IsADirectory');
        await expectStoreError(() => trial.store[operation]('/file', '/full'), 'IsADirectory');
        await expectStoreError(() => trial.store[operation]('/file', '/'), 'IsADirectory');
        await expectStoreError(() => trial.store[operation]('/full/file', '/full'), 'IsADirectory');
        await expectStoreError(() => trial.store[operation]('/full', '/file'), 'NotADirectory');
        await expectStoreError(() => trial.store[operation]('/empty', '/file'), 'NotADirectory');
        await expectStoreError(() => trial.store[operation]('/full', '/empty'), 'AlreadyExists');
        await expectStoreError(() => trial.store[operation]('/empty', '/full'), 'AlreadyExists');
        await expectStoreError(() => trial.store[operation]('/full', '/'), 'AlreadyExists');
      }),
  },
  {
    name: `${operation} of a directory into itself is InvalidPath`,
    run: (trial) =>
      unchanged(trial, async () => {
        await expectStoreError(() => trial.store[operation]('/full', '/full/new'), 'InvalidPath');
        await expectStoreError(() => trial.store[operation]('/full', '/full/a/b/c'), 'InvalidPath');
        await expectStoreError(() => trial.store[operation]('/empty', '/empty/new'), 'InvalidPath');
        await expectStoreError(() => trial.store[operation]('/', '/new'), 'InvalidPath');
      }),
  },
  {
    name: `${operation} onto itself succeeds and changes nothing`,
    run: (trial) =>
      unchanged(trial, async () => {
        for (const path of ['/file', '/full', '/empty', '/full/file', '/'])
          await transfer(trial, operation, path, path);
      }),
  },
  {
    name: `${operation} of what does not exist is NotFound`,
    run: (trial) =>
      unchanged(trial, async () => {
        for (const path of ['/missing', '/full/missing', '/missing/file', '/file/below', '/fil']) {
          await expectStoreError(() => trial.store[operation](path, '/target'), 'NotFound');
        }
        await expectStoreError(() => trial.store[operation]('/missing', '/file'), 'NotFound');
        await expectStoreError(() => trial.store[operation]('/missing', '/missing'), 'NotFound');
      }),
  },
  {
    name: `missing parents are made by ${operation}`,
    run: async (trial) => {
      await trial.put('/file', 'content');
      await trial.put('/directory/file', 'inner');
      await transfer(trial, operation, '/file', '/a/b/file');
      await transfer(trial, operation, '/directory', '/c/d/directory');
      const made = { '/a/': '', '/a/b/': '', '/a/b/file': 'content', '/c/': '', '/c/d/': '' };
      const arrived = { ...made, '/c/d/directory/': '', '/c/d/directory/file': 'inner' };
      const left = operation === 'copy' ? { '/directory/': '', '/directory/file': 'inner', '/file': 'content' } : {};
      assert.deepEqual(await trial.tree(), { ...arrived, ...left });
    },
  },
  {
    name: `a parent that is a file is NotADirectory for ${operation}`,
    run: (trial) =>
      unchanged(trial, async () => {
        await expectStoreError(() => trial.store[operation]('/full/file', '/file/below'), 'NotADirectory');
        await expectStoreError(() => trial.store[operation]('/full', '/file/below'), 'NotADirectory');
        await expectStoreError(() => trial.store[operation]('/empty', '/full/file/below/deeper'), 'NotADirectory');
      }),
  },
]);

/** `copy` and `move`, each for what the other does not have. */
export const copyCases: readonly StoreCase[] = [
  {
    name: 'a copy is independent of its original',
    run: async (trial) => {
      await trial.put('/a/file', 'first');
      await trial.settled(trial.store.copy('/a', '/b'));
      await trial.settled(trial.store.copy('/a/file', '/c'));
      await trial.put('/a/file', 'second');
      assert.deepEqual([await trial.text('/b/file'), await trial.text('/c')], ['first', 'first']);
      await trial.put('/b/file', 'third');
      await trial.settled(trial.store.delete('/c'));
      assert.deepEqual(await trial.tree(), { '/a/': '', '/a/file': 'second', '/b/': '', '/b/file': 'third' });
      await trial.settled(trial.store.delete('/a', { recursive: true }));
      assert.equal(await trial.text('/b/file'), 'third');
    },
  },
  {
    name: 'files can change places by way of a third name',
    run: async (trial) => {
      await trial.put('/a', 'A');
      await trial.put('/b', 'B');
      for (const [from, to] of [
        ['/a', '/c'],
        ['/b', '/a'],
        ['/c', '/b'],
      ] as const) {
        await trial.settled(trial.store.move(from, to));
      }
      assert.deepEqual(await trial.tree(), { '/a': 'B', '/b': 'A' });
    },
  },
  {
    name: 'the old name of what was moved can be used again',
    run: async (trial) => {
      await trial.put('/a/file', 'old');
      await trial.settled(trial.store.move('/a', '/b'));
      await trial.put('/a/file', 'new');
      await trial.settled(trial.store.move('/b/file', '/b/moved'));
      await trial.put('/b/file', 'newer');
      const all = { '/a/': '', '/a/file': 'new', '/b/': '', '/b/file': 'newer', '/b/moved': 'old' };
      assert.deepEqual(await trial.tree(), all);
    },
  },
];

function transfer(trial: Trial, operation: Operation, from: string, to: string): Promise<void> {
  return trial.settled(trial.store[operation](from, to));
}

/** Runs `steps` on a small tree, which must be the same afterwards. */
async function unchanged(trial: Trial, steps: () => Promise<void>): Promise<void> {
  await trial.put('/file', 'content');
  await trial.put('/full/file', 'inner');
  await trial.settled(trial.store.makeDirectory('/empty'));
  const before = await trial.tree();
  await steps();
  assert.deepEqual(await trial.tree(), before);
}
