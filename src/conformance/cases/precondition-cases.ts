import assert from 'node:assert/strict';
import { isStoreError } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { Capabilities, Store } from '../../store/store.ts';
import { expectStoreError } from '../expect.ts';
import { type StoreCase, withoutPreconditions } from '../store-case.ts';
import type { Trial } from '../trial.ts';

const rivals = 8;

/** Law 4: `ifRevision`, in every call that takes it. */
export const preconditionCases: readonly StoreCase[] = [
  {
    name: 'write with a revision replaces that revision only',
    unless: withoutPreconditions,
    run: async (trial) => {
      const first = await trial.put('/file', 'first').then(() => trial.revision('/file'));
      const second = await trial.put('/file', 'second', { ifRevision: first });
      assert.equal(await trial.text('/file'), 'second');
      await conflicts(trial, () => trial.put('/file', 'third', { ifRevision: first }));
      await conflicts(trial, () => trial.put('/file', 'third', { ifRevision: 'never a revision' }));
      await conflicts(trial, () => trial.put('/missing', 'third', { ifRevision: first }));
      assert.deepEqual(await trial.tree(), { '/file': 'second' });
      await trial.put('/file', 'third', { ifRevision: second.revision });
      assert.equal(await trial.text('/file'), 'third');
    },
  },
  {
    name: 'write with null creates only',
    unless: withoutPreconditions,
    run: async (trial) => {
      await trial.put('/d/file', 'first', { ifRevision: null });
      await conflicts(trial, () => trial.put('/d/file', 'second', { ifRevision: null }));
      assert.equal(await trial.text('/d/file'), 'first');
      await trial.settled(trial.store.delete('/d/file'));
      await trial.put('/d/file', 'third', { ifRevision: null });
      assert.equal(await trial.text('/d/file'), 'third');
    },
  },
  {
    name: 'a revision is of no use after the file was deleted',
    unless: withoutPreconditions,
    run: async (trial) => {
      await trial.put('/file', 'first');
      const revision = await trial.revision('/file');
      await trial.settled(trial.store.delete('/file'));
      await conflicts(trial, () => trial.put('/file', 'second', { ifRevision: revision }));
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'read with a revision reads that revision only',
    unless: withoutPreconditions,
    run: async (trial) => {
      await trial.put('/file', 'first');
      const ifRevision = await trial.revision('/file');
      assert.equal(Buffer.from(await trial.bytes('/file', { ifRevision })).toString(), 'first');
      assert.equal(Buffer.from(await trial.bytes('/file', { ifRevision, offset: 1, length: 2 })).toString(), 'ir');
      await trial.put('/file', 'second');
      await conflicts(trial, () => trial.bytes('/file', { ifRevision }));
      await conflicts(trial, () => trial.bytes('/file', { ifRevision, offset: 1, length: 2 }));
    },
  },
  {
    name: 'delete with a revision deletes that revision only',
    unless: withoutPreconditions,
    run: async (trial) => {
      await trial.put('/file', 'first');
      const old = await trial.revision('/file');
      await trial.put('/file', 'second');
      await conflicts(trial, () => trial.store.delete('/file', { ifRevision: old }));
      assert.equal(await trial.text('/file'), 'second');
      await trial.settled(trial.store.delete('/file', { ifRevision: await trial.revision('/file') }));
      await trial.settled(trial.store.delete('/file', { ifRevision: old }));
      assert.deepEqual(await trial.tree(), {});
    },
  },
  {
    name: 'delete with the revision of a file leaves the directory that took its place',
    unless: withoutPreconditions,
    run: async (trial) => {
      await trial.put('/place', 'a file');
      const ifRevision = await trial.revision('/place');
      await trial.settled(trial.store.delete('/place'));
      await trial.settled(trial.store.makeDirectory('/place'));
      for (const recursive of [false, true])
        await conflicts(trial, () => trial.store.delete('/place', { ifRevision, recursive }));
      assert.equal((await trial.store.stat('/place')).kind, 'directory');
    },
  },
  ...(['copy', 'move'] as const).map(
    (operation): StoreCase => ({
      name: `${operation} with a revision replaces that revision of the target only`,
      unless: withoutPreconditions,
      run: async (trial) => {
        await trial.put('/to', 'first');
        const old = await trial.revision('/to');
        await trial.put('/to', 'second');
        await trial.put('/from', 'from');
        await conflicts(trial, () => trial.store[operation]('/from', '/to', { ifRevision: old }));
        await conflicts(trial, () => trial.store[operation]('/from', '/to', { ifRevision: null }));
        await conflicts(trial, () => trial.store[operation]('/from', '/missing', { ifRevision: old }));
        assert.deepEqual(await trial.tree(), { '/from': 'from', '/to': 'second' });
        await trial.settled(trial.store[operation]('/from', '/to', { ifRevision: await trial.revision('/to') }));
        assert.equal(await trial.text('/to'), 'from');
        await trial.put('/from', 'from');
        await trial.settled(trial.store[operation]('/from', '/d/new', { ifRevision: null }));
        assert.equal(await trial.text('/d/new'), 'from');
      },
    }),
  ),
  {
    name: 'of writers who create one file at the same time, one wins',
    unless: unlessAtomic,
    run: (trial) =>
      oneWins(trial, (store, content) => store.write('/file', bytesSource(content), { ifRevision: null })),
  },
  {
    name: 'of writers who replace one revision at the same time, one wins',
    unless: unlessAtomic,
    run: async (trial) => {
      const ifRevision = await trial.put('/file', 'old').then(() => trial.revision('/file'));
      await oneWins(trial, (store, content) => store.write('/file', bytesSource(content), { ifRevision }));
    },
  },
  {
    name: 'a store without preconditions refuses them, and its entries have no revision',
    unless: ({ preconditions }) => (preconditions === 'none' ? undefined : 'the store has preconditions'),
    run: async (trial) => {
      await trial.put('/file', 'content');
      assert.equal((await trial.file('/file')).revision, undefined);
      const calls: readonly (() => Promise<unknown>)[] = [
        () => trial.put('/file', 'new', { ifRevision: 'revision' }),
        () => trial.put('/new', 'new', { ifRevision: null }),
        () => trial.bytes('/file', { ifRevision: 'revision' }),
        () => trial.store.delete('/file', { ifRevision: 'revision' }),
        () => trial.store.copy('/file', '/new', { ifRevision: null }),
        () => trial.store.move('/file', '/new', { ifRevision: null }),
      ];
      for (const call of calls) await expectStoreError(call, 'Unsupported');
      assert.deepEqual(await trial.tree(), { '/file': 'content' });
    },
  },
  {
    name: 'the revision changes with the content, and not by looking at it',
    unless: withoutPreconditions,
    run: async (trial) => {
      const seen = new Set<string>();
      const modified = Date.UTC(2020, 1, 2);
      for (const content of ['a', 'b', 'longer', '', 'c']) {
        const written = await trial.put('/file', content, { modified });
        const revision = await trial.revision('/file');
        assert.equal(revision, written.revision);
        assert.ok(!seen.has(revision), `${JSON.stringify(content)} has the revision of an earlier content`);
        seen.add(revision);
        await trial.text('/file');
        await trial.paths('/');
        await trial.put('/beside', content);
        assert.equal(await trial.revision('/file'), revision);
      }
    },
  },
];

function unlessAtomic({ preconditions }: Capabilities): string | undefined {
  return preconditions === 'atomic' ? undefined : 'the store does not check preconditions atomically';
}

async function conflicts(trial: Trial, call: () => Promise<unknown>): Promise<void> {
  await expectStoreError(() => trial.settled(call()), 'Conflict');
}

async function oneWins(trial: Trial, write: (store: Store, content: string) => Promise<unknown>): Promise<void> {
  const contents = Array.from({ length: rivals }, (_, index) => `content of writer ${index}`);
  const results = await Promise.allSettled(contents.map((content) => write(trial.store, content)));
  await trial.settled(Promise.resolve());
  const winners = contents.filter((_, index) => results[index]?.status === 'fulfilled');
  for (const result of results)
    if (result.status === 'rejected') assert.ok(isStoreError(result.reason, 'Conflict'), String(result.reason));
  assert.equal(winners.length, 1, `${winners.length} writers won`);
  assert.equal(await trial.text('/file'), winners[0]);
}
