import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError } from './errors.ts';
import { copyTree, exists, readBytes, readText, walk, writeBytes } from './operations.ts';
import type { Entry, Metadata, Store } from './store.ts';

/** Tells what somebody knew of a file some time ago. */
class StaleStore extends MemoryStore {
  stale: Entry | undefined;

  override async stat(path: string): Promise<Entry> {
    return this.stale ?? super.stat(path);
  }
}

async function filled(): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const path of ['/a/1', '/a/b/2', '/a/b/c/3', '/x/4'])
    await writeBytes(store, path, `content of ${path}`, { modified: 1000 });
  await store.makeDirectory('/a/empty');
  return store;
}

const paths = async (store: MemoryStore): Promise<string[]> =>
  (await Array.fromAsync(store.list('/', { recursive: true }))).map(({ path }) => path).sort();

describe('exists', () => {
  it('answers for files and directories, and throws every other failure', async () => {
    const store = await filled();
    assert.deepEqual(
      [await exists(store, '/a'), await exists(store, '/a/1'), await exists(store, '/b')],
      [true, true, false],
    );
    await assert.rejects(exists(store, '/a/'), (error) => isStoreError(error, 'InvalidPath'));
    const signal = AbortSignal.abort(new Error('stop'));
    await assert.rejects(exists(store, '/a', { signal }), (error) => error === signal.reason);
  });
});

describe('readBytes, readText and writeBytes', () => {
  it('read what was written', async () => {
    const store = new MemoryStore();
    await writeBytes(store, '/text', '\ufeffgrüße');
    assert.equal(await readText(store, '/text'), '\ufeffgrüße');
    await writeBytes(store, '/bytes', Uint8Array.of(0xff, 0, 1));
    assert.deepEqual(await readBytes(store, '/bytes', { offset: 1 }), Uint8Array.of(0, 1));
    await assert.rejects(readText(store, '/bytes'), TypeError);
  });
});

describe('walk', () => {
  it('answers everything below, parents first', async () => {
    const found = (await Array.fromAsync(walk(await filled(), '/a'))).map(({ path }) => path);
    assert.deepEqual(found.toSorted(), ['/a/1', '/a/b', '/a/b/2', '/a/b/c', '/a/b/c/3', '/a/empty']);
    assert.ok(found.indexOf('/a/b') < found.indexOf('/a/b/2'));
  });

  it('stays out of directories that are not to be entered', async () => {
    const enter = ({ path }: { path: string }): boolean => path !== '/a/b';
    const found = (await Array.fromAsync(walk(await filled(), '/', { enter }))).map(({ path }) => path);
    assert.deepEqual(found.toSorted(), ['/a', '/a/1', '/a/b', '/a/empty', '/x', '/x/4']);
  });
});

describe('copyTree', () => {
  it('copies a tree into another store, with its times', async () => {
    const [from, to] = [await filled(), new MemoryStore()];
    const copied: string[] = [];
    await copyTree(from, '/', to, '/', { onCopied: ({ path }) => copied.push(path) });
    assert.deepEqual(await paths(to), await paths(from));
    assert.deepEqual(copied.sort(), ['/', ...(await paths(from))].sort());
    assert.equal((await to.stat('/a/b/2')).modified, 1000);
    assert.equal(await readText(to, '/a/b/c/3'), 'content of /a/b/c/3');
  });

  it('copies a directory or a file to any place, and joins what is there', async () => {
    const [from, to] = [await filled(), await filled()];
    await copyTree(from, '/a/b', to, '/a', { concurrency: 1 });
    assert.deepEqual(
      (await paths(to)).filter((path) => path.startsWith('/a/')),
      ['/a/1', '/a/2', '/a/b', '/a/b/2', '/a/b/c', '/a/b/c/3', '/a/c', '/a/c/3', '/a/empty'],
    );
    await copyTree(from, '/x/4', to, '/a/1');
    assert.equal(await readText(to, '/a/1'), 'content of /x/4');
    await copyTree(from, '/', to, '/backup');
    assert.ok(await exists(to, '/backup/a/b/c/3'));
  });

  it('takes along the metadata that the target keeps, also where only `stat` tells it', async () => {
    const metadata = { mode: '100755', note: 'a text' };
    for (const metadataListed of [true, false]) {
      const from = new MemoryStore({ metadataListed });
      await writeBytes(from, '/d/file', 'content', { metadata });
      for (const [kept, expected] of [
        ['any', metadata],
        ['mode', { mode: '100755' }],
      ] as const) {
        const to = new MemoryStore({ metadata: kept });
        await copyTree(from, '/', to, '/');
        assert.deepEqual(await metadataOf(to, '/d/file'), expected);
      }
      await copyTree(from, '/', new MemoryStore({ metadata: 'none' }), '/');
    }
  });

  it('does not copy a directory into itself', async () => {
    const store = await filled();
    await assert.rejects(copyTree(store, '/a', store, '/a/b/new'), (error) => isStoreError(error, 'InvalidPath'));
    await copyTree(store, '/a', store, '/a');
    assert.equal((await paths(store)).length, 9);
  });

  it('throws what a file cannot do, after the files that were under way', async () => {
    const to = new MemoryStore({ maxFileSize: 15 });
    await assert.rejects(copyTree(await filled(), '/', to, '/'), (error) => isStoreError(error, 'TooLarge'));
  });

  it('reads no mixture of two versions', async () => {
    const from = new StaleStore();
    await writeBytes(from, '/file', 'old');
    from.stale = await from.stat('/file');
    await writeBytes(from, '/file', 'new');
    await assert.rejects(copyTree(from, '/file', new MemoryStore(), '/file'), (error) =>
      isStoreError(error, 'Conflict'),
    );
  });
});

async function metadataOf(store: Store, path: string): Promise<Metadata | undefined> {
  const entry = await store.stat(path);
  return entry.kind === 'file' ? entry.metadata : undefined;
}
