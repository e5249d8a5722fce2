/** The conformance suite over a bucket in memory, with pages of several sizes and with both ways to list. */
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { testStore } from '../../conformance/index.ts';
import { BucketStore } from './bucket-store.ts';

const tooManyPages = [
  { test: 'a directory of 2500 files is listed whole', reason: 'slow in small pages, and run with pages of 1000' },
];

testStore('bucket, pages of 1000', {
  runner: { describe, it },
  open: () => new BucketStore(new MemoryBucket()),
  timeout: 30_000,
});

testStore('bucket, pages of 7, in a folder', {
  runner: { describe, it },
  open: () => new BucketStore(new MemoryBucket({ pageSize: 7, deletesAtOnce: 3 }), { root: '/our/folder/' }),
  skip: tooManyPages,
  timeout: 30_000,
});

testStore('bucket, pages of 2, nothing remembered, pages that tell content types', {
  runner: { describe, it },
  open: () =>
    new BucketStore(new MemoryBucket({ pageSize: 2, deletesAtOnce: 1, listsContentTypes: true }), { knownFor: 0 }),
  skip: tooManyPages,
  timeout: 30_000,
});
