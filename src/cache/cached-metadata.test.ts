import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError } from '../store/errors.ts';
import type { Metadata, Store } from '../store/store.ts';

const limit = { timeout: 30_000 };

async function told(store: Store, path: string): Promise<Metadata | undefined> {
  const entry = await store.stat(path);
  return entry.kind === 'file' ? entry.metadata : undefined;
}

async function mode(trial: CacheTrial, path: string): Promise<string> {
  return ((await trial.find(path))?.mode ?? 0).toString(8);
}

describe('metadata of a cache as a store', () => {
  it('is sent alone where the store has the content, and with it where not', limit, async (t) => {
    const trial = new CacheTrial(t);
    const { cache, store } = trial;
    await cache.write('/a', new Blob(['text']), { metadata: { mode: '100755', uid: '7' } });
    await cache.drain();
    assert.deepEqual(await told(store, '/a'), { mode: '100755', uid: '7' });
    await cache.setMetadata('/a', { atime: '2014-12-31T23:59:59Z', note: 'lines\nof text' });
    await cache.drain();
    assert.deepEqual(trial.sent(), ['write /a', 'setMetadata /a']);
    assert.deepEqual(await told(store, '/a'), { atime: '2014-12-31T23:59:59Z', note: 'lines\nof text' });
    assert.equal(await mode(trial, '/a'), '644');
    await cache.setMetadata('/a', {});
    await cache.drain();
    assert.deepEqual(await told(store, '/a'), {});
    assert.deepEqual(cache.pending(), []);
  });

  it('outlives a restart, sent or not, and a mount changes it afterwards', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.cache.write('/a', new Blob(['text']), { metadata: { mode: '100644', uid: '7', x: '1' } });
    await trial.reopen();
    assert.deepEqual(await told(trial.cache, '/a'), { mode: '100644', uid: '7', x: '1' });
    trial.tree.setAttributes(await trial.id('/a'), { mode: 0o700 });
    trial.tree.setAttribute(await trial.id('/a'), 'user.x', undefined);
    await trial.cache.drain();
    assert.deepEqual(await told(trial.store, '/a'), { mode: '100700', uid: '7' });
    await trial.reopen();
    assert.deepEqual(await told(trial.cache, '/a'), { mode: '100700', uid: '7' });
  });

  it('that is set while other metadata is sent is sent afterwards', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.cache.write('/a', new Blob(['text']));
    await trial.cache.drain();
    await trial.cache.setMetadata('/a', { uid: '1' });
    trial.faults.pause(({ operation }) => operation === 'setMetadata');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await trial.cache.setMetadata('/a', { uid: '2' });
    trial.faults.resume();
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await told(trial.store, '/a'), { uid: '2' });
  });

  it(
    'is asked for once where listings do not tell it, and left out where the store cannot be reached',
    limit,
    async (t) => {
      const store = new MemoryStore({ metadataListed: false });
      await store.write('/a', new Blob(['text']), { metadata: { uid: '7' } });
      const trial = new CacheTrial(t, { store });
      await trial.find('/a');
      trial.faults.offline = true;
      assert.equal(await told(trial.cache, '/a'), undefined);
      trial.faults.offline = false;
      trial.seen.length = 0;
      for (const _ of [1, 2, 3]) assert.deepEqual(await told(trial.cache, '/a'), { uid: '7' });
      assert.equal(trial.calls('stat').length, 1);
    },
  );

  it('that is replaced unseen replaces what others kept there', limit, async (t) => {
    const store = new MemoryStore({ metadataListed: false });
    await store.write('/a', new Blob(['text']), { metadata: { uid: '7' } });
    await store.write('/b', new Blob(['text']), { metadata: { uid: '7' } });
    const { cache } = new CacheTrial(t, { store });
    await cache.setMetadata('/a', { x: '1' });
    await cache.write('/b', new Blob(['more']));
    await cache.copy('/a', '/c');
    await cache.drain();
    assert.deepEqual(await told(store, '/a'), { x: '1' });
    assert.deepEqual(await told(store, '/b'), {});
    assert.deepEqual(await told(store, '/c'), { x: '1' });
  });

  it('is not left out of a copy, which fails while it is not known', limit, async (t) => {
    const store = new MemoryStore({ metadataListed: false });
    await store.write('/a', new Blob([]), { metadata: { uid: '7' } });
    const trial = new CacheTrial(t, { store });
    await trial.find('/a');
    trial.faults.offline = true;
    await assert.rejects(trial.cache.copy('/a', '/b'), (error) => isStoreError(error, 'Unavailable'));
    assert.equal(await trial.find('/b'), undefined);
    trial.faults.offline = false;
    await trial.cache.copy('/a', '/b');
    assert.deepEqual(await told(trial.cache, '/b'), { uid: '7' });
  });

  it('is found for a copy where the file was moved to while the store was asked', limit, async (t) => {
    const store = new MemoryStore({ metadataListed: false });
    await store.write('/d/a', new Blob([]), { metadata: { uid: '7' } });
    const trial = new CacheTrial(t, { store });
    await trial.find('/d/a');
    trial.faults.pause(({ operation, path }) => operation === 'stat' && path === '/d/a');
    const copied = trial.cache.copy('/d/a', '/copy');
    await trial.faults.held();
    await trial.rename('/d/a', '/b');
    await trial.rename('/d', '/e');
    await trial.cache.drain();
    trial.faults.resume();
    await copied;
    assert.deepEqual(await told(trial.cache, '/copy'), { uid: '7' });
  });

  it('is refused where the store keeps none, or only modes', limit, async (t) => {
    const none = new CacheTrial(t, { store: new MemoryStore({ metadata: 'none' }) }).cache;
    const modes = new CacheTrial(t, { store: new MemoryStore({ metadata: 'mode' }) }).cache;
    for (const [cache, metadata] of [
      [none, { mode: '100755' }],
      [modes, { uid: '1' }],
      [modes, { mode: '120777' }],
    ] as const) {
      await assert.rejects(cache.write('/a', new Blob(['text']), { metadata }), (error) =>
        isStoreError(error, 'Unsupported'),
      );
      await assert.rejects(cache.stat('/a'), (error) => isStoreError(error, 'NotFound'));
    }
    await modes.write('/a', new Blob(['text']), { metadata: { mode: '755' } });
    await modes.write('/a', new Blob(['more']));
    assert.deepEqual(await told(modes, '/a'), { mode: '100755' });
  });
});

describe('a mode that is changed on a mount', () => {
  it('leaves texts of others alone that no attribute could be sent as', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.store.write('/a', new Blob(['text']), { metadata: { note: 'lines\nof text' } });
    trial.tree.setAttributes(await trial.id('/a'), { mode: 0o700 });
    await trial.cache.drain();
    await trial.cache.drain();
    assert.deepEqual(await told(trial.store, '/a'), { note: 'lines\nof text', mode: '100700' });
  });
});
