import assert from 'node:assert/strict';
import { expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';
import type { Trial } from '../trial.ts';
import type { Entry, FileEntry } from '../../store/store.ts';

/** `stat`, and that an entry is the same wherever it comes from. */
export const statCases: readonly StoreCase[] = [
  {
    name: 'the root is a directory that always exists',
    run: async (trial) => {
      const { kind, path } = await trial.store.stat('/');
      assert.deepEqual([kind, path], ['directory', '/']);
      assert.deepEqual(await trial.paths('/'), []);
      await trial.settled(trial.store.makeDirectory('/'));
      assert.deepEqual(await trial.paths('/', { recursive: true }), []);
    },
  },
  {
    name: 'stat of what does not exist is NotFound',
    run: async (trial) => {
      await trial.put('/file');
      await trial.put('/directory/file');
      for (const path of [
        '/missing',
        '/directory/missing',
        '/missing/file',
        '/file/below',
        '/fil',
        '/file ',
        '/directory/fil',
      ]) {
        await expectStoreError(() => trial.store.stat(path), 'NotFound');
      }
    },
  },
  {
    name: 'what was deleted is NotFound',
    run: async (trial) => {
      await trial.put('/file');
      await trial.put('/directory/file');
      await trial.settled(trial.store.delete('/file'));
      await trial.settled(trial.store.delete('/directory', { recursive: true }));
      for (const path of ['/file', '/directory', '/directory/file']) {
        await expectStoreError(() => trial.store.stat(path), 'NotFound');
        await expectStoreError(() => trial.store.read(path), 'NotFound');
      }
      await expectStoreError(() => trial.paths('/directory'), 'NotFound');
    },
  },
  {
    name: 'the written entry is the entry that stat, list and read answer',
    run: async (trial) => {
      const written = await trial.put('/directory/file', 'content');
      assert.deepEqual([written.kind, written.path, written.size], ['file', '/directory/file', 7]);
      assert.ok(Number.isFinite(written.modified));
      assert.deepEqual(await trial.store.stat('/directory/file'), written);
      const listed = await Array.fromAsync(trial.store.list('/directory'));
      assert.deepEqual(asListed(listed, trial), asListed([written], trial));
      const { entry } = await trial.store.read('/directory/file');
      assert.deepEqual(entry, entry.metadata === undefined ? withoutMetadata(written) : written);
    },
  },
  {
    name: 'stat, list and recursive list answer the same entries',
    run: async (trial) => {
      await trial.put('/a/b/file', 'deep');
      await trial.put('/a/file', 'less deep');
      await trial.settled(trial.store.makeDirectory('/a/empty'));
      const recursive = await Array.fromAsync(trial.store.list('/', { recursive: true }));
      const flat: Entry[] = [];
      for (const path of ['/', '/a', '/a/b', '/a/empty']) flat.push(...(await Array.fromAsync(trial.store.list(path))));
      const stats = await Promise.all(recursive.map(({ path }) => trial.store.stat(path)));
      assert.deepEqual(byPath(flat), byPath(recursive));
      assert.deepEqual(asListed(stats, trial), asListed(recursive, trial));
    },
  },
];

/** What listings and `stat` must agree on, sorted. Listings need not tell metadata. */
function asListed(entries: readonly Entry[], { capabilities }: Trial): Entry[] {
  return byPath(entries).map((entry) => {
    if (entry.kind === 'directory') return entry;
    const told = withoutMetadata(entry);
    return capabilities.modifiedListed ? told : { ...told, modified: 0 };
  });
}

function byPath(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function withoutMetadata({ metadata: _mayBeUntold, ...told }: FileEntry): FileEntry {
  return told;
}
