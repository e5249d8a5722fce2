import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { expectStoreError } from '../../conformance/expect.ts';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { BucketKeys } from './bucket-keys.ts';
import { BucketStore } from './bucket-store.ts';

const long = `/${'ü'.repeat(512)}`;

describe('BucketKeys', { timeout: 10_000 }, () => {
  it('puts the root before every key, whatever slashes are around it', () => {
    for (const root of ['a/b', '/a/b', 'a/b/', '//a/b//']) {
      const keys = new BucketKeys(root);
      assert.deepEqual([keys.file('/c'), keys.prefix('/'), keys.prefix('/c')], ['a/b/c', 'a/b/', 'a/b/c/']);
    }
    for (const root of ['', '/', undefined]) assert.equal(new BucketKeys(root).prefix('/'), '');
    for (const root of ['a//b', '../a', '.', 'a\0'])
      assert.throws(() => new BucketKeys(root), { name: 'StoreError', code: 'InvalidPath' });
  });

  it('takes 1,024 bytes, with the root and the marker of a directory', () => {
    assert.equal(new BucketKeys().file(long).length, 512);
    assert.throws(() => new BucketKeys().file(`${long}x`), /1025 bytes.*1024/);
    assert.throws(() => new BucketKeys('r').file(long), /1026 bytes/);
    assert.throws(() => new BucketKeys().marker(long), /1025 bytes/);
  });
});

describe('a path that is too long', { timeout: 10_000 }, () => {
  const tooLong = `${long}x`;
  const calls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
    stat: (store) => store.stat(tooLong),
    read: (store) => store.read(tooLong),
    write: (store) => store.write(tooLong, bytesSource('x')),
    makeDirectory: (store) => store.makeDirectory(tooLong),
    'makeDirectory, by one byte': (store) => store.makeDirectory(long),
    delete: (store) => store.delete(tooLong),
    'copy from': (store) => store.copy(tooLong, '/x'),
    'copy to': (store) => store.copy('/file', tooLong),
    'move to': (store) => store.move('/file', tooLong),
  };

  for (const [what, call] of Object.entries(calls)) {
    it(`is InvalidPath before any request: ${what}`, async () => {
      const bucket = new MemoryBucket();
      bucket.plant('file', 'x');
      const error = await expectStoreError(() => call(new BucketStore(bucket)), 'InvalidPath');
      assert.match(error.message, /102[56] bytes/);
      assert.deepEqual(bucket.requests, []);
    });
  }

  it('is found out in the middle of a directory too, and the directory stays', async () => {
    const bucket = new MemoryBucket();
    const store = new BucketStore(bucket);
    for (const key of ['d/a', `d/${'x'.repeat(1000)}`]) bucket.plant(key, 'x');
    await expectStoreError(() => store.move('/d', `/${'y'.repeat(30)}`), 'InvalidPath');
    assert.equal(bucket.text('d/a'), 'x');
  });

  it('of the longest length is a file, and no directory', async () => {
    const bucket = new MemoryBucket();
    const store = new BucketStore(bucket);
    await store.write(long, bytesSource('x'));
    assert.equal((await store.stat(long)).kind, 'file');
    await expectStoreError(() => Array.fromAsync(store.list(long)), 'NotADirectory');
    await store.delete(long, { recursive: true });
    assert.deepEqual(bucket.keys(), []);
  });
});

describe('a root in a bucket', { timeout: 10_000 }, () => {
  it('is a store of its own: nothing outside of it is seen or touched', async () => {
    const bucket = new MemoryBucket();
    const outside = ['photos', 'photos.txt', 'photos_$folder$', 'photosx/a', 'other/photos/b'];
    for (const key of outside) bucket.plant(key, 'x');
    const store = new BucketStore(bucket, { root: 'photos' });
    assert.deepEqual(await Array.fromAsync(store.list('/', { recursive: true })), []);
    await store.write('/2024/a', bytesSource('x'));
    await store.move('/2024', '/2025');
    assert.deepEqual(bucket.keys().includes('photos/2025/a'), true);
    await store.delete('/2025', { recursive: true });
    assert.deepEqual(bucket.keys(), outside.toSorted());
  });
});
