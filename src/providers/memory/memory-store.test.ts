import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testStore } from '../../conformance/index.ts';
import { isStoreError } from '../../store/errors.ts';
import { exists, readText, writeBytes } from '../../store/operations.ts';
import { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';

const weaker: readonly MemoryStoreOptions[] = [
  {},
  { name: 'not case sensitive', caseSensitive: false },
  { name: 'without preconditions', preconditions: 'none' },
  { name: 'whole seconds, small files', modifiedPrecision: 1000, maxFileSize: 9 << 20 },
  { name: 'without modification times', modified: false },
  { name: 'modes alone', metadata: 'mode', maxMetadataBytes: 20, metadataListed: false },
  { name: 'without metadata', metadata: 'none' },
  { name: 'resumed and partial uploads', resumableFrom: 1 << 20, partialFrom: 1 << 20 },
];

for (const options of weaker) {
  testStore(`MemoryStore ${options.name ?? ''}`, { runner: { describe, it }, open: () => new MemoryStore(options) });
}

describe('what is special about MemoryStore', () => {
  it('counts the bytes it holds, and takes no more than `total`', async () => {
    const store = new MemoryStore({ total: 10 });
    await writeBytes(store, '/a', '12345');
    await store.copy('/a', '/b');
    const full = (error: unknown): boolean => isStoreError(error, 'QuotaExceeded');
    await assert.rejects(writeBytes(store, '/c', '1'), full);
    await assert.rejects(store.copy('/a', '/c'), full);
    await assert.rejects(writeBytes(store, '/a', '123456'), full);
    await writeBytes(store, '/a', '54321');
    assert.deepEqual(await store.usage(), { used: 10, total: 10, account: 'memory' });
    assert.equal(await exists(store, '/c'), false);
  });

  it('keeps ids when files and directories move, and when a file is replaced', async () => {
    const store = new MemoryStore();
    const { id } = await writeBytes(store, '/d/a', 'one');
    assert.equal((await writeBytes(store, '/d/a', 'two')).id, id);
    const directory = (await store.stat('/d')).id;
    await store.move('/d', '/e');
    await store.move('/e/a', '/e/b');
    assert.deepEqual([(await store.stat('/e')).id, (await store.stat('/e/b')).id], [directory, id]);
    await store.copy('/e/b', '/c');
    assert.notEqual((await store.stat('/c')).id, id);
  });

  it('changes the case of a name where case does not count, and never moves a directory into itself', async () => {
    const store = new MemoryStore({ caseSensitive: false });
    await writeBytes(store, '/Directory/file', 'content');
    await store.move('/Directory', '/directory');
    assert.equal((await Array.fromAsync(store.list('/')))[0]?.path, '/directory');
    assert.equal(await readText(store, '/DIRECTORY/FILE'), 'content');
    await assert.rejects(store.move('/Directory', '/dIRECTORY/below'), (error) => isStoreError(error, 'InvalidPath'));
    assert.equal(await readText(store, '/directory/file'), 'content');
  });

  it('bodies keep the version that was opened', async () => {
    const store = new MemoryStore();
    await writeBytes(store, '/file', 'old');
    const { body } = await store.read('/file');
    await writeBytes(store, '/file', 'new');
    await store.delete('/file');
    assert.equal(Buffer.concat(await Array.fromAsync(body)).toString(), 'old');
  });
});
