import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { BucketKeys } from './bucket-keys.ts';
import { EmptyFiles } from './empty-files.ts';
import { KnownDirectories } from './known-directories.ts';
import { Standings } from './standing.ts';

function known(bucket: MemoryBucket, knownFor: number = Infinity): KnownDirectories {
  const keys = new BucketKeys();
  const empties = new EmptyFiles(bucket);
  return new KnownDirectories({ bucket, keys, empties, standings: new Standings(bucket, keys, empties), knownFor });
}

async function done(): Promise<void> {}

function planted(keys: readonly string[], pageSize = 1000): MemoryBucket {
  const bucket = new MemoryBucket({ pageSize });
  for (const key of keys) bucket.plant(key, 'x');
  return bucket;
}

describe('KnownDirectories', { timeout: 10_000 }, () => {
  it('tells files, directories and nothing, the parent and its marker', async () => {
    const directories = known(planted(['d/', 'd/file', 'd/e/f', 'i/file']));
    assert.deepEqual(await directories.about('/d/file'), { kind: 'file', parentExists: true, parentMarked: true });
    assert.deepEqual(await directories.about('/d/e'), { kind: 'directory', parentExists: true, parentMarked: true });
    assert.deepEqual(await directories.about('/d/x'), { kind: undefined, parentExists: true, parentMarked: true });
    assert.deepEqual(await directories.about('/i/x'), { kind: undefined, parentExists: true, parentMarked: false });
    assert.deepEqual(await directories.about('/n/x'), { kind: undefined, parentExists: false, parentMarked: false });
    assert.equal((await directories.about('/x')).parentExists, true);
  });

  it('is right about every name of a directory of many pages', async () => {
    const names = Array.from({ length: 120 }, (_, index) => index.toString(5));
    const files = new Set(names.filter((_, index) => index % 3 === 0));
    const bucket = planted(
      names.map((name) => (files.has(name) ? `d/${name}` : `d/${name}/inner`)),
      7,
    );
    for (const order of [names, names.toReversed(), names.toSorted()]) {
      const directories = known(bucket);
      for (const name of order) {
        const { kind, parentExists } = await directories.about(`/d/${name}`);
        assert.deepEqual([kind, parentExists], [files.has(name) ? 'file' : 'directory', true], name);
        assert.equal((await directories.about(`/d/${name}x`)).kind, undefined);
      }
    }
  });

  it('does not take a name at the end of a page for a file, as the next page may tell of a directory', async () => {
    const directories = known(planted(['a b', 'a b/inner', 'z'], 1));
    await directories.about('/a');
    assert.equal(directories.peek('/a b'), undefined);
    assert.equal((await directories.about('/a b')).kind, 'directory');
  });

  it('keeps what was changed while an empty file was looked at', async () => {
    const bucket = planted(['d/other']);
    bucket.plant('d/empty', '');
    const directories = known(bucket);
    await directories.about('/d/other');
    const held = Promise.withResolvers<void>();
    bucket.before = () => held.promise;
    const asking = directories.about('/d/empty');
    await directories.during('/d/empty', 'nothing', done);
    held.resolve();
    assert.equal((await asking).kind, undefined);
    assert.equal((await directories.about('/d/empty')).kind, undefined);
  });

  it('keeps what was changed while a page was on its way', async () => {
    const bucket = planted(['d/stays', 'd/goes']);
    const directories = known(bucket);
    const held = Promise.withResolvers<void>();
    bucket.before = () => held.promise;
    const asking = directories.about('/d/stays');
    await directories.during('/d/new', 'file', done);
    await directories.during('/d/goes', 'nothing', done);
    await directories.during('/d', 'marker', done);
    held.resolve();
    assert.deepEqual(await asking, { kind: 'file', parentExists: true, parentMarked: true });
    assert.equal(directories.peek('/d/new'), 'file');
    assert.equal((await directories.about('/d/goes')).kind, undefined);
    assert.equal(bucket.requests.length, 1);
  });

  it('does not keep the page of a directory that was deleted while it was on its way', async () => {
    const bucket = planted(['d/file']);
    const directories = known(bucket);
    const held = Promise.withResolvers<void>();
    bucket.before = () => held.promise;
    const asking = directories.about('/d/file');
    await directories.during('/d', 'nothing', done);
    held.resolve();
    await asking;
    bucket.uproot('d/file');
    assert.equal((await directories.about('/d/file')).kind, undefined);
  });

  it('knows that a directory is empty that was not there before it was made', async () => {
    const bucket = planted(['file']);
    const directories = known(bucket);
    await directories.about('/new');
    await directories.during('/new', 'marker', done);
    assert.deepEqual(await directories.about('/new/x'), { kind: undefined, parentExists: true, parentMarked: true });
    assert.deepEqual(await directories.about('/other/deep/x'), {
      kind: undefined,
      parentExists: false,
      parentMarked: false,
    });
    assert.equal(bucket.requests.length, 1);
  });

  it('asks again when changes at, above or below one path ran at the same time, and not for neighbours', async () => {
    for (const [one, other, pages] of [
      ['/d', '/d/e/f', 1],
      ['/d/e', '/d/e', 1],
      ['/d/e/f', '/d', 1],
      ['/d/e', '/d/e2', 0],
      ['/x', '/d/e', 0],
    ] as const) {
      const bucket = planted(['d/e/file', 'd/', 'x']);
      const directories = known(bucket);
      for (const path of ['/d', '/d/e', '/d/e/f']) await directories.about(path);
      const held = Promise.withResolvers<void>();
      const slow = directories.during(one, 'nothing', () => held.promise);
      await directories.during(other, 'file', done);
      held.resolve();
      await slow;
      bucket.requests.length = 0;
      await directories.about('/d/e');
      assert.equal(bucket.requests.length, pages, `${one} ${other}`);
    }
  });

  it('asks again when the time is over, and after a failure', async () => {
    const bucket = planted(['d/file']);
    const directories = known(bucket, 0);
    await directories.about('/d/file');
    bucket.uproot('d/file');
    assert.equal((await directories.about('/d/file')).kind, undefined);
    const remembering = known(bucket);
    bucket.fail = () => new Error('no answer');
    await assert.rejects(remembering.about('/d/x'), /no answer/);
    bucket.fail = undefined;
    assert.equal((await remembering.about('/d/x')).kind, undefined);
    bucket.plant('d/x', 'x');
    await assert.rejects(
      remembering.during('/d/x', 'file', () => Promise.reject(new Error('failed'))),
      /failed/,
    );
    assert.equal((await remembering.about('/d/x')).kind, 'file');
  });
});
