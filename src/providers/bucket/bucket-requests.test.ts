/** What each call costs in requests. The table is the document: a change of a number is a change that users pay for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BucketRequest, MemoryBucket, type MemoryBucketOptions } from '../../../test/fakes/memory-bucket.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { readText } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { BucketStore } from './bucket-store.ts';

type Costs = Partial<Record<BucketRequest, number>>;

interface Row {
  readonly what: string;
  readonly call: (store: Store, bucket: MemoryBucket) => Promise<unknown>;
  readonly cold: Costs;
  /** After a write into the same directory, some seconds ago at the most. @default as cold */
  readonly warm?: Costs;
}

const content = bytesSource('content');
const fails = (call: Promise<unknown>): Promise<unknown> => assert.rejects(call);
const revision = (bucket: MemoryBucket, key: string): string => bucket.plant(key, 'planted').revision;

const rows: readonly Row[] = [
  { what: 'stat of a file', call: (store) => store.stat('/d/file'), cold: { head: 1, page: 1 }, warm: { head: 1 } },
  { what: 'stat of a directory', call: (store) => store.stat('/d'), cold: { head: 1, page: 1 } },
  { what: 'stat of nothing', call: (store) => fails(store.stat('/d/none')), cold: { head: 2, page: 1 } },
  { what: 'stat of the root', call: (store) => store.stat('/'), cold: {} },
  { what: 'list of a directory', call: (store) => Array.fromAsync(store.list('/d')), cold: { page: 1 } },
  { what: 'list of nothing', call: (store) => fails(Array.fromAsync(store.list('/none'))), cold: { head: 2, page: 2 } },
  {
    what: 'list of everything',
    call: (store) => Array.fromAsync(store.list('/', { recursive: true })),
    cold: { page: 1 },
  },
  { what: 'read', call: (store) => readText(store, '/d/file'), cold: { get: 1 } },
  { what: 'read of a range', call: (store) => readText(store, '/d/file', { offset: 1, length: 2 }), cold: { get: 1 } },
  { what: 'read of nothing', call: (store) => fails(store.read('/none')), cold: { get: 1, head: 2, page: 1 } },
  {
    what: 'write of a new file',
    call: (store) => store.write('/d/new', content),
    cold: { page: 1, put: 1 },
    warm: { put: 1 },
  },
  {
    what: 'write of a new file that must not exist',
    call: (store) => store.write('/d/new', content, { ifRevision: null }),
    cold: { page: 1, put: 1 },
    warm: { put: 1 },
  },
  {
    what: 'write that replaces a known revision',
    call: (store, bucket) => store.write('/d/file', content, { ifRevision: revision(bucket, 'd/file') }),
    cold: { put: 1 },
  },
  {
    what: 'write into directories that are not there',
    call: (store) => store.write('/d/e/f/g/new', content),
    cold: { page: 4, put: 1 },
    warm: { put: 1 },
  },
  {
    what: 'makeDirectory',
    call: (store) => store.makeDirectory('/d/new'),
    cold: { page: 1, put: 1 },
    warm: { put: 1 },
  },
  {
    what: 'delete of a file',
    call: (store) => store.delete('/d/file'),
    cold: { page: 1, delete: 1 },
    warm: { delete: 1 },
  },
  {
    what: 'delete of a file in a directory without a marker',
    call: (store) => store.delete('/implied/1'),
    cold: { page: 1, put: 1, delete: 1 },
  },
  {
    what: 'delete of an empty directory',
    call: (store) => store.delete('/empty'),
    cold: { page: 2, head: 2, delete: 1 },
    warm: { page: 2, head: 2, delete: 1 },
  },
  {
    what: 'recursive delete of 25 keys in batches of 10',
    call: (store) => store.delete('/large', { recursive: true }),
    cold: { page: 3, head: 2, deleteAll: 3, delete: 1 },
  },
  {
    what: 'copy of a file',
    call: (store) => store.copy('/d/file', '/d/copy'),
    cold: { head: 1, page: 2, copy: 1 },
    warm: { head: 1, page: 1, copy: 1 },
  },
  {
    what: 'move of a file',
    call: (store) => store.move('/d/file', '/d/moved'),
    cold: { head: 1, page: 2, copy: 1, delete: 1 },
    warm: { head: 1, page: 1, copy: 1, delete: 1 },
  },
  {
    what: 'copy of a directory of 25 files',
    call: (store) => store.copy('/large', '/copy'),
    cold: { head: 3, page: 4, put: 1, copy: 25 },
  },
  {
    what: 'move of a directory of 25 files',
    call: (store) => store.move('/large', '/moved'),
    cold: { head: 5, page: 6, put: 1, copy: 25, deleteAll: 3, delete: 1 },
  },
  { what: 'usage', call: (store) => store.usage(), cold: {} },
];

describe('what a call costs in requests', { timeout: 30_000 }, () => {
  for (const { what, call, cold, warm } of rows) {
    it(`${what}: ${told(cold)}`, async () => {
      const bucket = filled();
      await assertCosts(bucket, cold, () => call(new BucketStore(bucket), bucket));
    });
    if (warm === undefined) continue;
    it(`${what}, after a write beside it: ${told(warm)}`, async () => {
      const bucket = filled();
      const store = new BucketStore(bucket, { knownFor: Infinity });
      await store.write('/d/beside', content);
      await assertCosts(bucket, warm, () => call(store, bucket));
    });
  }
});

describe('what many calls cost together', { timeout: 60_000 }, () => {
  const many = Array.from({ length: 2_000 }, (_, index) => `/new/directory/file ${String(index).padStart(4, '0')}`);
  const writeAll = (store: Store): Promise<void> =>
    forEachConcurrently(many, 32, async (path) => void (await store.write(path, content)));
  const deleteAll = (store: Store): Promise<void> => forEachConcurrently(many, 32, (path) => store.delete(path));

  it('2,000 files written into a new directory, and deleted one by one', async () => {
    const bucket = new MemoryBucket();
    const store = new BucketStore(bucket, { knownFor: Infinity });
    await assertCosts(bucket, { page: 3, put: 2_000 }, () => writeAll(store));
    await assertCosts(bucket, { put: 1, delete: 2_000 }, () => deleteAll(store));
    assert.deepEqual(bucket.keys(), ['new/directory/']);
  });

  it('2,000 files written into a directory that has more than a page: a page for some hundred files', async () => {
    const bucket = new MemoryBucket({ pageSize: 200 });
    for (const path of many) bucket.plant(`${path.slice(1)} before`);
    const store = new BucketStore(bucket, { knownFor: Infinity });
    await writeAll(store);
    const { page = 0, put } = costs(bucket);
    assert.equal(put, 2_000);
    assert.ok(page < 100, `${page} pages`);
  });

  it('a listing of 1,000 keys in pages of 10', async () => {
    const bucket = new MemoryBucket({ pageSize: 10 });
    for (const path of many.slice(0, 1_000)) bucket.plant(path.slice(1), 'x');
    const store = new BucketStore(bucket);
    for (const recursive of [false, true])
      await assertCosts(bucket, { page: 100 }, () => Array.fromAsync(store.list('/new/directory', { recursive })));
  });

  it('empty files are looked at once, those that this store has written not at all', async () => {
    const bucket = new MemoryBucket();
    for (const key of ['d/a', 'd/b', 'd/c']) bucket.plant(key);
    const store = new BucketStore(bucket);
    await store.write('/d/ours', bytesSource(''));
    bucket.requests.length = 0;
    for (const head of [3, 0])
      await assertCosts(bucket, { page: 1, ...(head > 0 ? { head } : {}) }, () => Array.fromAsync(store.list('/d')));
    const knowing = new MemoryBucket({ listsContentTypes: true });
    knowing.plant('d/a');
    await assertCosts(knowing, { page: 1 }, () => Array.fromAsync(new BucketStore(knowing).list('/d')));
  });
});

function filled(options: MemoryBucketOptions = { pageSize: 1_000, deletesAtOnce: 10 }): MemoryBucket {
  const bucket = new MemoryBucket(options);
  for (const directory of ['d/', 'empty/', 'large/']) bucket.plant(directory);
  bucket.plant('d/file', 'content');
  for (let index = 0; index < 25; index++) bucket.plant(`large/${index}`, 'content');
  for (let index = 0; index < 3; index++) bucket.plant(`implied/${index}`, 'content');
  return bucket;
}

async function assertCosts(bucket: MemoryBucket, expected: Costs, call: () => Promise<unknown>): Promise<void> {
  bucket.requests.length = 0;
  await call();
  assert.deepEqual(costs(bucket), expected);
}

function costs({ requests }: MemoryBucket): Costs {
  const counts: Costs = {};
  for (const { kind } of requests) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function told(costs: Costs): string {
  const parts = Object.entries(costs).map(([kind, count]) => `${count} ${kind}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
