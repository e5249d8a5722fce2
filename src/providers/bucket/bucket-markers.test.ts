/** Directories as this store and other tools mark them, and files beside directories of their names. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { expectStoreError } from '../../conformance/expect.ts';
import { readText } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { BucketStore } from './bucket-store.ts';

const xDirectory = 'application/x-directory';

/** Plants keys: those that end in `:` as markers by their content type, those with `=` with a content. */
function planted(...keys: readonly string[]): { bucket: MemoryBucket; store: Store } {
  const bucket = new MemoryBucket({ pageSize: 3, deletesAtOnce: 2 });
  for (const key of keys) {
    const [name = '', content] = key.split('=');
    if (name.endsWith(':')) bucket.plant(name.slice(0, -1), '', xDirectory);
    else bucket.plant(name, content);
  }
  return { bucket, store: new BucketStore(bucket) };
}

async function paths(store: Store, path = '/', recursive = true): Promise<string[]> {
  const entries = await Array.fromAsync(store.list(path, { recursive }));
  return entries.map((entry) => (entry.kind === 'directory' ? `${entry.path}/` : entry.path)).sort();
}

const emptyDirectories: Readonly<Record<string, string>> = {
  'the key a/': 'a/',
  'the key a/ with content': 'a/=placeholder',
  'the empty key a_$folder$': 'a_$folder$',
  'the empty key a of the content type application/x-directory': 'a:',
};

for (const [what, key] of Object.entries(emptyDirectories)) {
  describe(`${what} is an empty directory`, { timeout: 10_000 }, () => {
    it('for stat, list and read', async () => {
      const { store } = planted(key);
      assert.deepEqual(await paths(store), ['/a/']);
      assert.deepEqual(await paths(store, '/', false), ['/a/']);
      assert.deepEqual(await store.stat('/a'), { kind: 'directory', path: '/a' });
      for (const recursive of [true, false]) assert.deepEqual(await paths(store, '/a', recursive), []);
      await expectStoreError(() => store.read('/a'), 'IsADirectory');
      await expectStoreError(() => store.read('/a', { length: 0 }), 'IsADirectory');
    });

    it('that no file replaces, and that takes files', async () => {
      const { store } = planted(key);
      await expectStoreError(() => store.write('/a', bytesSource('x')), 'IsADirectory');
      await expectStoreError(() => store.write('/a', bytesSource('x'), { ifRevision: null }), 'IsADirectory');
      await store.write('/a/file', bytesSource('x'));
      assert.deepEqual(await paths(store), ['/a/', '/a/file']);
      await store.delete('/a/file');
      assert.deepEqual(await paths(store), ['/a/']);
    });

    it('that can be made again, copied, moved and deleted, without a trace', async () => {
      const { bucket, store } = planted(key);
      await store.makeDirectory('/a');
      await store.copy('/a', '/b');
      await store.move('/a', '/c');
      assert.deepEqual(await paths(store), ['/b/', '/c/']);
      assert.ok(!bucket.keys().some((found) => found.startsWith('a')), bucket.keys().join());
      await store.delete('/c', { recursive: true });
      await store.delete('/b', { recursive: true });
      assert.deepEqual(bucket.keys(), []);
    });

    it('that is deleted with all its markers', async () => {
      const { bucket, store } = planted(key, 'ab', 'a.txt', 'a b/c');
      await store.delete('/a', { recursive: true });
      assert.deepEqual(bucket.keys(), ['a b/c', 'a.txt', 'ab']);
    });
  });
}

describe('what is not a marker', { timeout: 10_000 }, () => {
  it('a key with content called a_$folder$ is a file', async () => {
    const { store } = planted('a_$folder$=x', '_$folder$', 'b/_$folder$', '._$folder$', '.._$folder$');
    assert.deepEqual(await paths(store), [
      '/.._$folder$',
      '/._$folder$',
      '/_$folder$',
      '/a_$folder$',
      '/b/',
      '/b/_$folder$',
    ]);
    assert.equal(await readText(store, '/a_$folder$'), 'x');
    await expectStoreError(() => store.stat('/a'), 'NotFound');
  });

  it('a marker is no file: it is not found by its own name, and deleting that deletes nothing', async () => {
    const { bucket, store } = planted('a_$folder$');
    await expectStoreError(() => store.stat('/a_$folder$'), 'NotFound');
    await expectStoreError(() => store.read('/a_$folder$'), 'NotFound');
    await expectStoreError(() => store.copy('/a_$folder$', '/b'), 'NotFound');
    await store.delete('/a_$folder$');
    assert.deepEqual(bucket.keys(), ['a_$folder$']);
  });

  it('an empty file that would be taken for a marker is refused, and so is one in the place of a marker', async () => {
    const { bucket, store } = planted('a_$folder$', 'empty');
    await expectStoreError(() => store.write('/b_$folder$', bytesSource('')), 'Unsupported');
    await expectStoreError(() => store.copy('/empty', '/b_$folder$'), 'Unsupported');
    await expectStoreError(() => store.write('/a_$folder$', bytesSource('x')), 'Unsupported');
    await store.write('/b_$folder$', bytesSource('x'));
    assert.deepEqual(bucket.keys(), ['a_$folder$', 'b_$folder$', 'empty']);
  });

  it('an empty key of another content type is a file', async () => {
    const { store } = planted('empty', 'd/empty');
    assert.deepEqual(await paths(store), ['/d/', '/d/empty', '/empty']);
    assert.equal((await store.stat('/empty')).kind, 'file');
    await expectStoreError(() => store.write('/empty/below', bytesSource('x')), 'NotADirectory');
  });

  it('an empty key that may not be looked at is a file', async () => {
    const { bucket, store } = planted('a', 'b=x');
    const denied = await expectStoreError(() => store.stat('/none'), 'NotFound').then(({ constructor }) => constructor);
    bucket.fail = (kind) => (kind === 'head' ? Reflect.construct(denied, ['PermissionDenied']) : undefined);
    assert.deepEqual(await paths(store), ['/a', '/b']);
  });
});

describe('a directory with several markers', { timeout: 10_000 }, () => {
  const keys = ['a:', 'a/', 'a/file=x', 'a0=x', 'a_$folder$', 'ab=x'];

  it('is listed once', async () => {
    const { store } = planted(...keys);
    assert.deepEqual(await paths(store), ['/a/', '/a/file', '/a0', '/ab']);
    assert.deepEqual(await paths(store, '/', false), ['/a/', '/a0', '/ab']);
  });

  it('loses all of them when it is deleted or moved, its own one last', async () => {
    for (const act of ['delete', 'move'] as const) {
      const { bucket, store } = planted(...keys);
      if (act === 'delete') await store.delete('/a', { recursive: true });
      else await store.move('/a', '/z');
      assert.deepEqual(
        bucket.keys().filter((key) => !key.startsWith('z')),
        ['a0', 'ab'],
      );
    }
  });

  it('a deletion that breaks off leaves a directory', async () => {
    const { bucket, store } = planted('a/', 'a/1=x', 'a/2=x', 'a/3=x', 'a/4=x');
    let batches = 0;
    bucket.fail = (kind) => (kind === 'deleteAll' && ++batches > 1 ? new Error('broken off') : undefined);
    await assert.rejects(store.delete('/a', { recursive: true }), /broken off/);
    assert.ok(bucket.keys().includes('a/'));
    bucket.fail = undefined;
    await store.delete('/a', { recursive: true });
    assert.deepEqual(bucket.keys(), []);
  });
});

describe('a file beside a directory of its name', { timeout: 10_000 }, () => {
  const keys = ['a=file', 'a-1=x', 'a.txt=x', 'a/=', 'a/inner=inner', 'ab=x'];

  it('is hidden by it, in listings and for stat, and can be read', async () => {
    const { store } = planted(...keys);
    assert.deepEqual(await paths(store), ['/a-1', '/a.txt', '/a/', '/a/inner', '/ab']);
    assert.deepEqual(await paths(store, '/', false), ['/a-1', '/a.txt', '/a/', '/ab']);
    assert.equal((await store.stat('/a')).kind, 'directory');
    assert.equal(await readText(store, '/a'), 'file');
    await expectStoreError(() => store.write('/a', bytesSource('x')), 'IsADirectory');
    await expectStoreError(() => store.delete('/a'), 'NotEmpty');
  });

  it('stays when the directory is deleted or moved, and is shown then', async () => {
    const deleted = planted(...keys);
    await deleted.store.delete('/a', { recursive: true });
    assert.deepEqual(await paths(deleted.store), ['/a', '/a-1', '/a.txt', '/ab']);
    await expectStoreError(() => deleted.store.write('/a/inner/x', bytesSource('x')), 'NotADirectory');
    const moved = planted(...keys);
    await moved.store.move('/a', '/z');
    assert.deepEqual(await paths(moved.store), ['/a', '/a-1', '/a.txt', '/ab', '/z/', '/z/inner']);
    assert.equal(await readText(moved.store, '/a'), 'file');
  });

  it('is deleted and written alone, by its revision', async () => {
    const { bucket, store } = planted(...keys);
    const { entry } = await store.read('/a');
    const { revision } = await store.write('/a', bytesSource('newer'), { ifRevision: entry.revision });
    await expectStoreError(() => store.delete('/a', { ifRevision: entry.revision }), 'Conflict');
    assert.equal((await store.stat('/a')).kind, 'directory');
    await store.delete('/a', { ifRevision: revision });
    assert.deepEqual(bucket.keys(), ['a-1', 'a.txt', 'a/', 'a/inner', 'ab']);
    await expectStoreError(() => store.delete('/a', { ifRevision: revision }), 'Conflict');
  });

  it('goes with the directory above, whatever happens to that', async () => {
    const { bucket, store } = planted('d/a=file', 'd/a/inner=inner', 'd/a//odd=odd', 'd/../odd=odd');
    await store.move('/d', '/e');
    assert.deepEqual(bucket.keys(), ['e/', 'e/../odd', 'e/a', 'e/a//odd', 'e/a/inner']);
    await store.delete('/e', { recursive: true });
    assert.deepEqual(bucket.keys(), []);
  });
});
