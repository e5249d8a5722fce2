/** What happens when others change the bucket in the middle of a call, when answers are lost, and when calls end early. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BucketRequest, MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { expectFailure, expectStoreError } from '../../conformance/expect.ts';
import { StoreError } from '../../store/errors.ts';
import { readText } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import { BucketStore } from './bucket-store.ts';

const content = bytesSource('content');

function planted(...keys: readonly string[]): { bucket: MemoryBucket; store: BucketStore } {
  const bucket = new MemoryBucket({ pageSize: 3, deletesAtOnce: 2 });
  for (const key of keys) bucket.plant(key, `content of ${key}`);
  return { bucket, store: new BucketStore(bucket) };
}

/** Does something just before the first such request is answered. */
function justBefore(bucket: MemoryBucket, kind: BucketRequest, key: string, act: () => void | Promise<void>): void {
  bucket.before = async (found, at) => {
    if (found !== kind || at !== key) return;
    bucket.before = undefined;
    await act();
  };
}

describe('while a file is moved', { timeout: 10_000 }, () => {
  it('a version that is written before the copy is moved', async () => {
    const { bucket, store } = planted('a');
    justBefore(bucket, 'copy', 'a', () => void bucket.plant('a', 'newer'));
    await store.move('/a', '/b');
    assert.deepEqual([bucket.keys(), bucket.text('b')], [['b'], 'newer']);
  });

  it('a version that is written after the copy stays, and is a Conflict', async () => {
    const { bucket, store } = planted('a');
    justBefore(bucket, 'delete', 'a', () => void bucket.plant('a', 'newer'));
    await expectStoreError(() => store.move('/a', '/b'), 'Conflict');
    assert.deepEqual([bucket.text('a'), bucket.text('b')], ['newer', 'content of a']);
  });

  it('a file that is deleted before the copy is NotFound', async () => {
    const { bucket, store } = planted('a');
    justBefore(bucket, 'copy', 'a', () => bucket.uproot('a'));
    await expectStoreError(() => store.move('/a', '/b'), 'NotFound');
    assert.deepEqual(bucket.keys(), []);
  });
});

describe('while a directory is moved', { timeout: 10_000 }, () => {
  const keys = ['d/', 'd/1', 'd/2', 'd/3', 'd/4', 'd/5'];

  it('a file that appears stays where it is, and so does the directory', async () => {
    const { bucket, store } = planted(...keys);
    justBefore(bucket, 'copy', 'd/5', () => void bucket.plant('d/0', 'new'));
    await store.move('/d', '/e');
    assert.deepEqual(bucket.keys(), ['d/', 'd/0', 'e/', 'e/1', 'e/2', 'e/3', 'e/4', 'e/5']);
  });

  it('a version that is written after its copy stays, and is a Conflict', async () => {
    const { bucket, store } = planted(...keys);
    justBefore(bucket, 'copy', 'd/5', () => void bucket.plant('d/1', 'newer'));
    await expectStoreError(() => store.move('/d', '/e'), 'Conflict');
    assert.deepEqual([bucket.text('d/1'), bucket.text('e/1')], ['newer', 'content of d/1']);
    assert.deepEqual(
      bucket.keys().filter((key) => key.startsWith('d')),
      ['d/', 'd/1'],
    );
  });

  it('what is deleted, or replaced before its copy, is moved as it is then', async () => {
    const { bucket, store } = planted(...keys);
    justBefore(bucket, 'copy', 'd/1', () => {
      bucket.uproot('d/1');
      bucket.plant('d/2', 'newer');
    });
    await store.move('/d', '/e');
    assert.deepEqual(bucket.keys(), ['e/', 'e/2', 'e/3', 'e/4', 'e/5']);
    assert.equal(bucket.text('e/2'), 'newer');
  });

  it('what somebody puts at the new place is not replaced', async () => {
    const { bucket, store } = planted(...keys);
    justBefore(bucket, 'copy', 'd/2', () => void bucket.plant('e/3', 'theirs'));
    await expectStoreError(() => store.move('/d', '/e'), 'Conflict');
    assert.equal(bucket.text('e/3'), 'theirs');
    for (const key of keys) assert.equal(bucket.text(key), `content of ${key}`);
  });

  it('a copy whose answer was lost is no conflict with itself', async () => {
    const { bucket, store } = planted(...keys);
    const file = await bucket.head('d/2');
    assert.ok(file);
    justBefore(bucket, 'copy', 'd/2', async () => void (await bucket.copy(file, 'e/2')));
    await store.move('/d', '/e');
    assert.deepEqual(bucket.keys(), ['e/', 'e/1', 'e/2', 'e/3', 'e/4', 'e/5']);
  });

  it('a break leaves the old directory whole', async () => {
    const { bucket, store } = planted(...keys);
    bucket.fail = (kind, key) => (kind === 'copy' && key === 'd/4' ? new StoreError('Unavailable') : undefined);
    const { operation, path, store: name } = await expectStoreError(() => store.move('/d', '/e'), 'Unavailable');
    assert.deepEqual([operation, path, name], ['move', '/d', 'memory-bucket']);
    for (const key of keys) assert.equal(bucket.text(key), `content of ${key}`);
  });
});

describe('a directory that exists by its keys alone', { timeout: 10_000 }, () => {
  it('stays when all of them are deleted at once, for one marker', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `a/b/${index}`);
    const { bucket, store } = planted(...names);
    await Promise.all(names.map((name) => store.delete(`/${name}`)));
    assert.deepEqual(bucket.keys(), ['a/b/']);
    assert.equal(bucket.requests.filter(({ kind }) => kind === 'put').length, 1);
  });

  it('is not made by the deletion of what is not there', async () => {
    const { bucket, store } = planted('file');
    await store.delete('/none/file');
    await store.delete('/none/file', { ifRevision: 'x' });
    await store.delete('/file/below', { recursive: true });
    assert.deepEqual(bucket.keys(), ['file']);
  });
});

describe('the seconds in which a directory is known', { timeout: 10_000 }, () => {
  it('may set a file beside a new directory of its name, and nothing is lost', async () => {
    const bucket = new MemoryBucket();
    const [ours, theirs] = [new BucketStore(bucket, { knownFor: Infinity }), new BucketStore(bucket)];
    await ours.write('/d/before', content);
    await theirs.write('/d/new/inner', bytesSource('inner'));
    await ours.write('/d/new', bytesSource('file'));
    assert.deepEqual(bucket.keys(), ['d/before', 'd/new', 'd/new/inner']);
    assert.equal((await theirs.stat('/d/new')).kind, 'directory');
    assert.equal(await readText(theirs, '/d/new'), 'file');
  });

  it('do not hide what others delete and make from stat, read, list and delete', async () => {
    const bucket = new MemoryBucket();
    const store = new BucketStore(bucket, { knownFor: Infinity });
    await store.write('/d/gone', content);
    bucket.uproot('d/gone');
    bucket.plant('d/new', 'new');
    await expectStoreError(() => store.stat('/d/gone'), 'NotFound');
    assert.deepEqual(
      (await Array.fromAsync(store.list('/d'))).map(({ path }) => path),
      ['/d/new'],
    );
    assert.equal(await readText(store, '/d/new'), 'new');
    await store.delete('/d/new');
    assert.deepEqual(bucket.keys(), ['d/']);
  });
});

describe('calls that end early', { timeout: 10_000 }, () => {
  it('a listing that is left aborts the page that is on its way', async () => {
    const { bucket, store } = planted('1', '2', '3', '4', '5', '6', '7');
    for await (const _ of store.list('/')) break;
    const before = bucket.requests.length;
    await new Promise(setImmediate);
    assert.ok(before <= 2 && bucket.requests.length === before);
  });

  it('a page that fails is told in its turn, after the entries before it', async () => {
    const { bucket, store } = planted('1', '2', '3', '4', '5', '6', '7');
    let pages = 0;
    bucket.fail = (kind) => (kind === 'page' && ++pages === 2 ? new StoreError('RateLimited') : undefined);
    const seen: string[] = [];
    const error = await expectStoreError(async () => {
      for await (const { path } of store.list('/')) seen.push(path);
    }, 'RateLimited');
    assert.deepEqual([seen, error.operation, error.path], [['/1', '/2'], 'list', '/']);
  });

  it('who leaves a page that others wait for too leaves alone', async () => {
    const { bucket, store } = planted('d/file');
    const held = Promise.withResolvers<void>();
    justBefore(bucket, 'page', 'd/', () => held.promise);
    const controller = new AbortController();
    const reason = new Error('stop');
    const leaving = expectFailure(() => store.write('/d/1', content, { signal: controller.signal }), 'the abort');
    const staying = store.write('/d/2', content);
    controller.abort(reason);
    assert.equal(await leaving, reason);
    held.resolve();
    await staying;
    assert.deepEqual(bucket.keys(), ['d/2', 'd/file']);
  });

  it('close waits for changes, then closes the bucket', async () => {
    const { bucket, store } = planted();
    const writing = store.write('/a', content);
    await Promise.all([store.close(), store.close()]);
    assert.ok(bucket.isClosed);
    await writing;
    assert.deepEqual(bucket.keys(), ['a']);
    await expectStoreError(() => store.stat('/a'), 'Unavailable');
  });
});
