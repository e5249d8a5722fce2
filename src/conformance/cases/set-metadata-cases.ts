import assert from 'node:assert/strict';
import type { Metadata } from '../../store/store.ts';
import { expectStoreError } from '../expect.ts';
import { type StoreCase, withoutMetadata } from '../store-case.ts';
import { assertMetadata, sample } from './metadata-cases.ts';

/** Law 10: `setMetadata`. */
export const setMetadataCases: readonly StoreCase[] = [
  {
    name: 'setMetadata replaces the metadata, and leaves content and time',
    unless: withoutMetadata,
    run: async (trial) => {
      const modified = Date.UTC(2014, 11, 31, 23, 59, 59);
      const written = await trial.put('/d/file', 'content', { metadata: sample(trial.capabilities), modified });
      const next: readonly Metadata[] =
        trial.capabilities.metadata === 'any'
          ? [{ mode: '100600', 'another-name': 'ü' }, {}, sample(trial.capabilities)]
          : [{ mode: '100600' }, { mode: '100751' }];
      for (const metadata of next) {
        const set = await trial.settled(trial.store.setMetadata('/d/file', metadata));
        assert.deepEqual(set.metadata, metadata);
        assert.deepEqual([set.path, set.size, set.modified], ['/d/file', 7, written.modified]);
        assert.deepEqual(await trial.file('/d/file'), set);
        await assertMetadata(trial, '/d/file', metadata);
      }
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/file': 'content' });
    },
  },
  {
    name: 'after setMetadata the file can be read, replaced and deleted by the revision that it answered',
    unless: (capabilities) =>
      capabilities.preconditions === 'none' ? 'the store has no preconditions' : withoutMetadata(capabilities),
    run: async (trial) => {
      await trial.put('/file', 'content');
      const { revision: ifRevision } = await trial.settled(trial.store.setMetadata('/file', { mode: '100600' }));
      assert.ok(ifRevision !== undefined);
      assert.equal((await trial.bytes('/file', { ifRevision })).length, 7);
      const { revision } = await trial.put('/file', 'new', { ifRevision });
      await trial.settled(trial.store.delete('/file', { ifRevision: revision }));
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'setMetadata with a revision changes that revision only',
    unless: (capabilities) =>
      capabilities.preconditions === 'none' ? 'the store has no preconditions' : withoutMetadata(capabilities),
    run: async (trial) => {
      await trial.put('/file', 'first');
      const first = await trial.revision('/file');
      const metadata = sample(trial.capabilities);
      const set = await trial.settled(trial.store.setMetadata('/file', metadata, { ifRevision: first }));
      const second = await trial.put('/file', 'second', { metadata, ifRevision: set.revision });
      for (const ifRevision of [first, 'never a revision']) {
        await expectStoreError(() => trial.store.setMetadata('/file', { mode: '100600' }, { ifRevision }), 'Conflict');
      }
      assert.deepEqual(await trial.file('/file'), second);
      await assertMetadata(trial, '/file', metadata);
    },
  },
  {
    name: 'setMetadata of what does not exist is NotFound, of a directory IsADirectory',
    unless: withoutMetadata,
    run: async (trial) => {
      await trial.put('/d/file', 'content');
      const set = (path: string): Promise<unknown> => trial.store.setMetadata(path, { mode: '100600' });
      for (const path of ['/missing', '/d/missing', '/d/file/below'])
        await expectStoreError(() => set(path), 'NotFound');
      for (const path of ['/d', '/']) await expectStoreError(() => set(path), 'IsADirectory');
      assert.deepEqual(await trial.tree(), { '/d/': '', '/d/file': 'content' });
    },
  },
];
