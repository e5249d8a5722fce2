import assert from 'node:assert/strict';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';

const badPaths: readonly string[] = [
  '',
  'a',
  'a/b',
  './a',
  '//',
  '/a/',
  '//a',
  '/a//b',
  '/.',
  '/..',
  '/a/.',
  '/a/./b',
  '/a/..',
  '/../a',
  '/a/../b',
  '/a\0b',
  '/half a pair \ud83d',
  '/other half \udc00',
];

const calls: Readonly<Record<string, (store: Store, path: string) => Promise<unknown>>> = {
  stat: (store, path) => store.stat(path),
  list: (store, path) => Array.fromAsync(store.list(path)),
  'list recursively': (store, path) => Array.fromAsync(store.list(path, { recursive: true })),
  read: (store, path) => store.read(path),
  write: (store, path) => store.write(path, bytesSource('new')),
  setMetadata: (store, path) => store.setMetadata(path, { mode: '100600' }),
  makeDirectory: (store, path) => store.makeDirectory(path),
  delete: (store, path) => store.delete(path),
  'delete recursively': (store, path) => store.delete(path, { recursive: true }),
  'copy from': (store, path) => store.copy(path, '/target'),
  'copy to': (store, path) => store.copy('/a', path),
  'move from': (store, path) => store.move(path, '/target'),
  'move to': (store, path) => store.move('/a', path),
};

/** Law 1: a path that is not canonical is refused and nothing happens. */
export const pathCases: readonly StoreCase[] = Object.entries(calls).map(([what, call]) => ({
  name: `a path that is not canonical is InvalidPath: ${what}`,
  run: async (trial) => {
    await trial.put('/a', 'old');
    for (const path of badPaths) {
      const error = await expectStoreError(() => call(trial.store, path), 'InvalidPath');
      assert.equal(error.retryable, false);
    }
    assert.deepEqual(await trial.tree(), { '/a': 'old' });
  },
}));
