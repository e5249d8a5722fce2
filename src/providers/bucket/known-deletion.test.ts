import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import type { KnownEntry, Store } from '../../store/store.ts';
import { BucketStore } from './bucket-store.ts';

const limit = { timeout: 60_000 };

async function known(store: Store, directory: string): Promise<KnownEntry[]> {
  return [
    { kind: 'directory', path: directory },
    ...(await Array.fromAsync(store.list(directory, { recursive: true }))),
  ];
}

/** What requests were made, by kind. */
async function costs(bucket: MemoryBucket, work: () => Promise<unknown>): Promise<Record<string, number>> {
  bucket.requests.length = 0;
  await work();
  const counts: Record<string, number> = {};
  for (const { kind } of bucket.requests) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe('deleteAll over keys', () => {
  it(
    'a tree of 2,000 files and 20 directories costs its pages, a batch for each 250 files, and a few looks',
    limit,
    async () => {
      const bucket = new MemoryBucket();
      for (let i = 0; i < 2000; i++) bucket.plant(`top/tree/d${i % 20}/f${i}`, 'x');
      for (let i = 0; i < 20; i++) bucket.plant(`top/tree/d${i}/`);
      for (const marker of ['top/', 'top/tree/']) bucket.plant(marker);
      const store = new BucketStore(bucket);
      const told = await known(store, '/top/tree');
      const spent = await costs(bucket, async () => assert.deepEqual(await store.deleteAll(told), []));
      assert.deepEqual(bucket.keys(), ['top/']);
      assert.deepEqual(spent, { page: 5, head: 2, deleteAll: 9 });
    },
  );

  it('files of a directory that stays cost pages and batches, scattered ones a look each', limit, async () => {
    const bucket = new MemoryBucket();
    for (let i = 0; i < 30_000; i++) bucket.plant(`d/f${String(i).padStart(5, '0')}`, 'x');
    const store = new BucketStore(bucket);
    const all = await known(store, '/d');
    const files = all.filter(({ kind }) => kind === 'file');
    const dense = await costs(bucket, () => store.deleteAll(files.slice(0, 2000)));
    assert.ok((dense['page'] ?? 0) <= 6, JSON.stringify(dense));
    assert.equal(dense['head'], undefined);
    assert.equal(dense['deleteAll'], 8);
    const scattered = files.filter((_, i) => i >= 2000 && i % 1000 === 0);
    const sparse = await costs(bucket, () => store.deleteAll(scattered));
    assert.ok((sparse['page'] ?? 0) <= 4, JSON.stringify(sparse));
    assert.ok((sparse['head'] ?? 0) >= scattered.length - 8);
    assert.equal(bucket.keys().length, 30_000 - 2000 - scattered.length + 1, 'the directory was marked');
  });

  it('directories that other tools marked go with their markers', limit, async () => {
    const bucket = new MemoryBucket();
    bucket.plant('top/hadoop_$folder$');
    bucket.plant('top/s3fs', '', 'application/x-directory');
    bucket.plant('top/s3fs/file', 'x');
    bucket.plant('other_$folder$');
    bucket.plant('other/file', 'x');
    const store = new BucketStore(bucket);
    const told = [...(await known(store, '/top')), ...(await known(store, '/other'))];
    assert.deepEqual(await store.deleteAll(told), []);
    assert.deepEqual(bucket.keys(), []);
  });

  it('keys that are no paths stay, and hold their directories', limit, async () => {
    const bucket = new MemoryBucket();
    for (const key of ['top/', 'top/file', 'top/sub/', 'top/sub//strange', 'top/sub/file'])
      bucket.plant(key, key.endsWith('/') ? '' : 'x');
    const store = new BucketStore(bucket);
    const kept = await store.deleteAll(await known(store, '/top'));
    assert.deepEqual(kept.toSorted(), ['/top', '/top/sub']);
    assert.deepEqual(bucket.keys(), ['top/', 'top/sub/', 'top/sub//strange']);
  });

  it('a file that is changed between page and batch stays where the service looks itself', limit, async () => {
    const bucket = new MemoryBucket();
    for (const key of ['top/', 'top/a', 'top/b']) bucket.plant(key, key.endsWith('/') ? '' : 'old');
    const store = new BucketStore(bucket);
    const told = await known(store, '/top');
    bucket.before = (kind) =>
      void (kind === 'deleteAll' && bucket.text('top/b') === 'old' && bucket.plant('top/b', 'new'));
    assert.deepEqual((await store.deleteAll(told)).toSorted(), ['/top', '/top/b']);
    assert.deepEqual(bucket.keys(), ['top/', 'top/b']);
    assert.equal(bucket.text('top/b'), 'new');
  });

  it('a deletion that breaks off goes on with the next call', limit, async () => {
    const bucket = new MemoryBucket({ deletesAtOnce: 10 });
    bucket.plant('top/');
    for (let i = 0; i < 95; i++) bucket.plant(`top/f${i}`, 'x');
    const store = new BucketStore(bucket);
    const told = await known(store, '/top');
    let batches = 0;
    bucket.fail = (kind) => (kind === 'deleteAll' && ++batches === 5 ? new Error('broken off') : undefined);
    await assert.rejects(store.deleteAll(told), /broken off/);
    assert.ok(bucket.keys().length > 1 && bucket.keys().includes('top/'), 'the directory goes last');
    assert.deepEqual(await store.deleteAll(told), []);
    assert.deepEqual(bucket.keys(), []);
    await assert.rejects(store.stat('/top'), /NotFound/);
  });
});
