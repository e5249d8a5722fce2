/** Links, special files, foreign names and inner mounts: what a local store does not show, follow or trip over. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isStoreError } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import type { Store } from '../../store/store.ts';
import { LocalStore } from './local-store.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-links-'));
after(() => rmSync(temporary, { recursive: true }));
const timeout = 30_000;
const denied = (error: unknown): boolean => isStoreError(error, 'PermissionDenied');

function setUp(): { root: string; outside: string; store: Store } {
  const directory = mkdtempSync(join(temporary, 'test-'));
  const root = join(directory, 'root');
  const outside = join(directory, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret'), 'secret');
  return { root, outside, store: new LocalStore({ root }) };
}

async function everyCallIsDenied(store: Store, path: string): Promise<void> {
  await writeBytes(store, '/beside', 'beside');
  const calls: readonly (() => Promise<unknown>)[] = [
    () => store.stat(path),
    () => Array.fromAsync(store.list(path)),
    () => store.read(path),
    () => writeBytes(store, path, 'overwritten'),
    () => store.makeDirectory(path),
    () => store.delete(path),
    () => store.delete(path, { recursive: true }),
    () => store.copy(path, '/copy'),
    () => store.move(path, '/moved'),
    () => store.copy('/beside', path),
    () => store.move('/beside', path),
  ];
  for (const call of calls) await assert.rejects(call, denied, `${path}: ${String(call)}`);
}

describe('a LocalStore and links', { timeout }, () => {
  it('refuses every path onto a link, wherever it points', async () => {
    const { root, outside, store } = setUp();
    await writeBytes(store, '/real/file', 'content');
    const targets = {
      file: join(outside, 'secret'),
      directory: outside,
      inside: 'real/file',
      dangling: 'nowhere',
      self: 'self',
    };
    for (const [name, target] of Object.entries(targets)) {
      symlinkSync(target, join(root, name));
      await everyCallIsDenied(store, `/${name}`);
      assert.equal(readlinkSync(join(root, name)), target);
    }
    assert.equal(readFileSync(join(outside, 'secret'), 'utf8'), 'secret');
    assert.deepEqual(readdirSync(outside), ['secret']);
  });

  it('refuses every path through a link', async () => {
    const { root, outside, store } = setUp();
    mkdirSync(join(root, 'real/directory'), { recursive: true });
    symlinkSync(outside, join(root, 'out'));
    symlinkSync('real', join(root, 'in'));
    mkdirSync(join(outside, 'deep'));
    writeFileSync(join(outside, 'deep/secret'), 'secret');
    for (const path of ['/out/secret', '/out/deep/secret', '/out/deep/new', '/out/new', '/in/directory', '/in/new']) {
      await everyCallIsDenied(store, path);
    }
    await assert.rejects(writeBytes(store, '/out/missing/new', 'x'), denied);
    await assert.rejects(store.makeDirectory('/out/missing/new'), denied);
    assert.deepEqual(readdirSync(outside).sort(), ['deep', 'secret']);
  });

  it('leaves links out of listings and copies, and deletes them with their directory, not what they point to', async () => {
    const { root, outside, store } = setUp();
    await writeBytes(store, '/d/e/file', 'content');
    symlinkSync(outside, join(root, 'd/e/out'));
    symlinkSync('/', join(root, 'd/slash'));
    const paths = (await Array.fromAsync(store.list('/', { recursive: true }))).map(({ path }) => path);
    assert.deepEqual(paths.sort(), ['/d', '/d/e', '/d/e/file']);
    await store.copy('/d', '/copy');
    assert.deepEqual(readdirSync(join(root, 'copy')), ['e']);
    await store.delete('/d', { recursive: true });
    assert.deepEqual(readdirSync(root), ['copy']);
    assert.deepEqual(readdirSync(outside), ['secret']);
  });

  it('does not call a directory empty that holds only links', async () => {
    const { root, store } = setUp();
    mkdirSync(join(root, 'd'));
    symlinkSync('nowhere', join(root, 'd/link'));
    await assert.rejects(store.delete('/d'), (error) => isStoreError(error, 'NotEmpty'));
    assert.ok(existsSync(join(root, 'd')));
  });
});

describe('a LocalStore and special files', { timeout }, () => {
  it('treats pipes and sockets as links', async () => {
    const { root, store } = setUp();
    assert.equal(spawnSync('mkfifo', [join(root, 'pipe')]).status, 0);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    try {
      for (const path of ['/pipe', '/socket', '/pipe/below']) await everyCallIsDenied(store, path);
      const paths = (await Array.fromAsync(store.list('/', { recursive: true }))).map(({ path }) => path);
      assert.deepEqual(paths, ['/beside']);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe('a LocalStore and names that are not UTF-8', { timeout }, () => {
  it('leaves them out of listings, and deletes them with their directory', async () => {
    const { root, store } = setUp();
    await writeBytes(store, '/d/proper', 'content');
    const foreign = Buffer.concat([Buffer.from(join(root, 'd/')), Buffer.from([0xff, 0xfe])]);
    writeFileSync(foreign, 'foreign');
    const paths = (await Array.fromAsync(store.list('/d'))).map(({ path }) => path);
    assert.deepEqual(paths, ['/d/proper']);
    await store.delete('/d', { recursive: true });
    assert.deepEqual(readdirSync(root), []);
  });
});

describe('a LocalStore with another file system inside its root', { timeout }, () => {
  const { root, store } = setUp();
  mkdirSync(join(root, 'inner'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', join(root, 'inner')]);
  after(() => status === 0 && spawnSync('umount', ['-l', join(root, 'inner')]));
  const skip = status !== 0 && 'mounting is not permitted';

  it('writes, copies and moves across', { skip }, async () => {
    await writeBytes(store, '/inner/d/file', 'first', { modified: 1_600_000_000_123 });
    const { modified, revision = '' } = await writeBytes(store, '/inner/d/file', 'second', {
      modified: 1_600_000_000_123,
    });
    assert.equal(modified, 1_600_000_000_123);
    await writeBytes(store, '/inner/d/file', 'third', { ifRevision: revision });
    assert.deepEqual(readdirSync(join(root, 'inner/d')), ['file']);
    await store.move('/inner/d', '/outer');
    await store.move('/outer/file', '/inner/file');
    await store.copy('/inner/file', '/copy');
    assert.equal(await readText(store, '/copy'), 'third');
    assert.deepEqual(readdirSync(join(root, 'inner')), ['file']);
    assert.deepEqual(readdirSync(join(root, 'outer')), []);
    assert.deepEqual(readdirSync(root).sort(), ['copy', 'inner', 'outer']);
  });

  it('says QuotaExceeded when the disk is full, and leaves nothing behind', { skip }, async () => {
    mkdirSync(join(root, 'small'));
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', join(root, 'small')]).status, 0);
    try {
      const small = new LocalStore({ root: join(root, 'small') });
      await writeBytes(small, '/file', 'old');
      const full = (error: unknown): boolean => isStoreError(error, 'QuotaExceeded');
      await assert.rejects(writeBytes(small, '/file', Buffer.alloc(1 << 20)), full);
      await assert.rejects(writeBytes(store, '/small/file', Buffer.alloc(1 << 20)), full);
      assert.equal(await readText(small, '/file'), 'old');
      assert.deepEqual(readdirSync(join(root, 'small')), ['file']);
    } finally {
      spawnSync('umount', ['-l', join(root, 'small')]);
    }
  });
});
