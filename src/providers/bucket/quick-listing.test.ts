/** Listings that ask nothing about single keys. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import type { Store } from '../../store/store.ts';
import { BucketStore } from './bucket-store.ts';

const xDirectory = 'application/x-directory';

function planted(listsContentTypes = false): { bucket: MemoryBucket; store: Store } {
  const bucket = new MemoryBucket({ pageSize: 3, listsContentTypes });
  bucket.plant('at/mark', '', xDirectory);
  for (const key of ['at/empty', 'at/folder_$folder$', 'at/slash/', 'at/within/x']) bucket.plant(key, '');
  bucket.plant('at/full', 'x');
  return { bucket, store: new BucketStore(bucket) };
}

/** What a listing tells of each name: its kind, and a question mark where it is unsure. */
async function told(store: Store, options: { readonly quick: boolean; readonly recursive?: boolean }): Promise<object> {
  const entries = await Array.fromAsync(store.list('/at', options));
  return Object.fromEntries(
    entries
      .map((entry) => [entry.path.slice('/at/'.length), entry.kind + ('unsure' in entry ? '?' : '')] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const known = {
  empty: 'file',
  folder: 'directory',
  full: 'file',
  mark: 'directory',
  slash: 'directory',
  within: 'directory',
};

describe('a quick listing of a bucket', { timeout: 10_000 }, () => {
  it('costs its pages alone, and is unsure of empty keys', async () => {
    const { bucket, store } = planted();
    assert.deepEqual(await told(store, { quick: true }), { ...known, empty: 'file?', mark: 'file?' });
    assert.deepEqual(new Set(bucket.requests.map(({ kind }) => kind)), new Set(['page']));
    const below = await told(store, { quick: true, recursive: true });
    assert.deepEqual(below, { ...known, empty: 'file?', mark: 'file?', 'within/x': 'file?' });
    assert.ok(bucket.requests.every(({ kind }) => kind === 'page'));
  });

  it('knows what was looked at before', async () => {
    const { bucket, store } = planted();
    assert.deepEqual(await told(store, { quick: false }), known);
    assert.equal(bucket.requests.filter(({ kind }) => kind === 'head').length, 2);
    assert.deepEqual(await told(store, { quick: true }), known);
  });

  it('is unsure of nothing where pages tell content types', async () => {
    assert.deepEqual(await told(planted(true).store, { quick: true }), known);
  });
});
