import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { testStore } from '../../conformance/index.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { Store } from '../../store/store.ts';
import { LocalStore } from './local-store.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-local-'));
after(() => rmSync(temporary, { recursive: true }));
const newRoot = (): string => mkdtempSync(join(temporary, 'root-'));
const fails = (code: StoreErrorCode) => (error: unknown) => isStoreError(error, code);
const names = async (store: Store, path = '/'): Promise<string[]> =>
  (await Array.fromAsync(store.list(path))).map((entry) => entry.path).sort();

testStore('LocalStore', { runner: { describe, it }, open: () => new LocalStore({ root: newRoot() }) });

describe('the root of a LocalStore', () => {
  it('is made when only itself is missing', async () => {
    const root = join(newRoot(), 'new');
    await writeBytes(new LocalStore({ root }), '/file', 'content');
    assert.equal(readFileSync(join(root, 'file'), 'utf8'), 'content');
    assert.throws(() => new LocalStore({ root: join(root, 'missing', 'new') }), fails('NotFound'));
  });

  it('that is a file, or nothing, is refused', () => {
    const file = join(newRoot(), 'file');
    writeFileSync(file, 'content');
    assert.throws(() => new LocalStore({ root: file }), fails('NotADirectory'));
    assert.throws(() => new LocalStore({ root: join(file, 'below') }), fails('NotFound'));
    assert.throws(() => new LocalStore({ root: '' }), TypeError);
  });

  it('that cannot be read and written is refused', {
    skip: process.getuid?.() === 0 && 'root may do everything',
  }, () => {
    const root = newRoot();
    for (const mode of [0o000, 0o500, 0o300]) {
      chmodSync(root, mode);
      assert.throws(() => new LocalStore({ root }), fails('PermissionDenied'));
    }
    chmodSync(root, 0o700);
  });

  it('may be reached by a link', async () => {
    const root = newRoot();
    symlinkSync(root, `${root}-link`);
    await writeBytes(new LocalStore({ root: `${root}-link` }), '/d/file', 'content');
    assert.equal(readFileSync(join(root, 'd/file'), 'utf8'), 'content');
  });

  it('that went away is Unavailable, and not empty', async () => {
    const root = newRoot();
    const store = new LocalStore({ root });
    await writeBytes(store, '/file', 'content');
    renameSync(root, `${root}-unmounted`);
    const calls = [
      () => store.stat('/file'),
      () => names(store),
      () => store.read('/file'),
      () => writeBytes(store, '/file', 'new'),
      () => store.makeDirectory('/d'),
      () => store.delete('/file'),
      () => store.move('/file', '/new'),
    ];
    for (const call of calls) await assert.rejects(call, fails('Unavailable'));
    mkdirSync(root);
    mkdirSync(join(root, 'beside'));
    for (const call of calls) await assert.rejects(call, fails('Unavailable'));
    assert.deepEqual(readdirSync(root), ['beside']);
    rmSync(root, { recursive: true });
    renameSync(`${root}-unmounted`, root);
    assert.equal(await readText(store, '/file'), 'content');
  });
});

describe('the tree of a LocalStore', () => {
  it('is nothing but the files', async () => {
    const root = newRoot();
    const store = new LocalStore({ root });
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeBytes(store, `/d/${index}`, 'x')));
    await store.copy('/d', '/e');
    await store.delete('/d', { recursive: true });
    await assert.rejects(store.write('/f', { ...bytesSource('x'), size: 2 }), fails('Corrupt'));
    await store.close();
    assert.deepEqual(readdirSync(root), ['e']);
    assert.equal(readdirSync(join(root, 'e')).length, 20);
  });

  it('shows unfinished uploads to nobody', async () => {
    const root = newRoot();
    const store = new LocalStore({ root });
    const { promise: pause, resolve: goOn } = Promise.withResolvers<void>();
    const { promise: paused, resolve: hasPaused } = Promise.withResolvers<void>();
    const writing = store.write('/file', {
      ...bytesSource('content'),
      async *stream() {
        yield Buffer.from('con');
        hasPaused();
        await pause;
        yield Buffer.from('tent');
      },
    });
    await paused;
    assert.deepEqual(readdirSync(root), ['.cloudfusion-uploads']);
    assert.deepEqual(await names(store), []);
    assert.deepEqual(await Array.fromAsync(new LocalStore({ root }).list('/', { recursive: true })), []);
    goOn();
    await writing;
    assert.deepEqual(readdirSync(root), ['file']);
  });

  it('has no room for names that are kept for uploads', async () => {
    const store = new LocalStore({ root: newRoot() });
    const kept = ['/.cloudfusion-uploads', '/.cloudfusion-uploads/x', '/d/.cloudfusion-upload-12-3-host'];
    for (const path of kept) {
      await assert.rejects(writeBytes(store, path, 'x'), fails('InvalidPath'));
      await assert.rejects(store.stat(path), fails('InvalidPath'));
      await assert.rejects(store.delete(path, { recursive: true }), fails('InvalidPath'));
    }
    await writeBytes(store, '/file', 'x');
    for (const path of kept) {
      await assert.rejects(store.move('/file', path), fails('InvalidPath'));
      await assert.rejects(store.copy('/file', path), fails('InvalidPath'));
    }
    for (const path of ['/d/.cloudfusion-uploads', '/.cloudfusion-upload-x', '/.cloudfusion'])
      await writeBytes(store, path, path);
    assert.deepEqual(await names(store, '/d'), ['/d/.cloudfusion-uploads']);
  });

  it('loses what crashes left, and nothing of the living', async () => {
    const root = newRoot();
    const uploads = join(root, '.cloudfusion-uploads');
    mkdirSync(uploads);
    const { pid } = spawnSync(process.execPath, ['--version']);
    const host = encodeURIComponent((await import('node:os')).hostname());
    const dead = join(uploads, `${pid}-1-${host}`);
    const alive = join(uploads, `${process.ppid}-1-${host}`);
    const elsewhere = join(uploads, `${pid}-1-another-host`);
    const old = join(uploads, `${pid}-2-another-host`);
    const foreign = join(uploads, 'note.txt');
    for (const path of [dead, alive, elsewhere, old, foreign]) writeFileSync(path, 'x');
    utimesSync(old, 0, 0);
    await new LocalStore({ root }).close();
    assert.deepEqual(
      readdirSync(uploads)
        .map((name) => join(uploads, name))
        .sort(),
      [alive, elsewhere, foreign].sort(),
    );
    for (const path of [alive, elsewhere, foreign]) rmSync(path);
    await new LocalStore({ root }).close();
    assert.deepEqual(readdirSync(root), []);
  });
});

describe('a file of a LocalStore', () => {
  it('keeps permissions and owner when it is replaced', async () => {
    const root = newRoot();
    const path = join(root, 'file');
    writeFileSync(path, 'old', { mode: 0o600 });
    chmodSync(path, 0o640);
    if (process.getuid?.() === 0) chownSync(path, 1234, 2345);
    const before = statSync(path);
    await writeBytes(new LocalStore({ root }), '/file', 'new');
    const { mode, uid, gid } = statSync(path);
    assert.deepEqual({ mode, uid, gid }, { mode: before.mode, uid: before.uid, gid: before.gid });
    assert.equal(readFileSync(path, 'utf8'), 'new');
  });

  it('is apart from its other hard links once it is written, and moved onto one of them it is still there', async () => {
    const root = newRoot();
    const store = new LocalStore({ root });
    await writeBytes(store, '/a', 'old');
    linkSync(join(root, 'a'), join(root, 'b'));
    linkSync(join(root, 'a'), join(root, 'c'));
    await writeBytes(store, '/a', 'new');
    assert.equal(await readText(store, '/b'), 'old');
    await store.move('/b', '/c');
    assert.deepEqual(await names(store), ['/a', '/c']);
    assert.equal(await readText(store, '/c'), 'old');
  });

  it('that others change shows a new revision', async () => {
    const root = newRoot();
    const store = new LocalStore({ root });
    const { revision = '', modified } = await writeBytes(store, '/file', 'one', { modified: 1_600_000_000_000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(join(root, 'file'), 'two');
    utimesSync(join(root, 'file'), modified / 1000, modified / 1000);
    const entry = await store.stat('/file');
    assert.equal(entry.modified, modified);
    await assert.rejects(store.delete('/file', { ifRevision: revision }), fails('Conflict'));
    assert.equal(await readText(store, '/file'), 'two');
  });

  it('that is changed in place while it is read is Corrupt, and one that is replaced is read to its end', async () => {
    const root = newRoot();
    const store = new LocalStore({ root });
    for (const size of [3 << 20, (3 << 20) + 1, 10]) {
      await store.write('/file', bytesSource(new Uint8Array(3 << 20)));
      const { body } = await store.read('/file');
      writeFileSync(join(root, 'file'), Buffer.alloc(size, 1));
      await assert.rejects(Array.fromAsync(body), fails('Corrupt'));
    }
    const { body, entry } = await store.read('/file');
    await writeBytes(store, '/file', 'replaced');
    assert.equal(Buffer.concat(await Array.fromAsync(body)).length, entry.size);
  });

  it('of conditional writers in one process, one wins', async () => {
    const root = newRoot();
    const stores = [new LocalStore({ root }), new LocalStore({ root })] as const;
    for (let round = 0; round < 10; round++) {
      const ifRevision = round === 0 ? null : ((await stores[0].stat('/file')) as { revision: string }).revision;
      const writes = Array.from({ length: 6 }, (_, index) =>
        writeBytes(stores[index % 2] ?? stores[0], '/file', `${round} ${index}`, { ifRevision }),
      );
      const results = await Promise.allSettled(writes);
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    }
  });

  it('times before 1970 and beyond 2038 are kept', async () => {
    const store = new LocalStore({ root: newRoot() });
    for (const modified of [-86_400_000 * 365, -1500, 0, 1, 4_102_444_800_123]) {
      assert.equal((await writeBytes(store, '/file', 'x', { modified })).modified, modified);
    }
  });

  it("of a source that fails with an errno of its own says the source's error", async () => {
    const store = new LocalStore({ root: newRoot() });
    const failure = Object.assign(new Error('source'), { code: 'ENOENT', errno: -2 });
    const source = {
      ...bytesSource('x'),
      stream: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) }),
    };
    await assert.rejects(store.write('/file', source), (error) => error === failure);
  });
});

describe('close of a LocalStore', () => {
  it('waits for calls that are under way, and ends bodies that nobody reads', async () => {
    const store = new LocalStore({ root: newRoot() });
    const writing = store.write('/file', bytesSource(new Uint8Array(1 << 20)));
    let isDone = false;
    const done = writing.then(() => (isDone = true));
    await store.close();
    assert.ok(isDone);
    await done;
    const { body } = await store.read('/file');
    await store.close();
    await assert.rejects(Array.fromAsync(body), fails('Unavailable'));
  });
});
