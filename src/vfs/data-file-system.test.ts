import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { beforeEach, describe, it } from 'node:test';
import { FileSystemClient, fails, noFlags } from '../../test/fakes/file-system-client.ts';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import { StoreError } from '../store/errors.ts';
import { CloudFileSystem } from './cloud-file-system.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;

for (const slow of [false, true])
  describe(`data over a tree that answers ${slow ? 'later' : 'at once'}`, { timeout: 20_000 }, () => {
    let tree: MemoryNodeTree;
    let fileSystem: CloudFileSystem;
    let client: FileSystemClient;

    beforeEach(() => {
      tree = new MemoryNodeTree({ slow });
      fileSystem = new CloudFileSystem({ control: new RecordedControl(), uid: 0, gid: 0 });
      fileSystem.attach(tree);
      client = new FileSystemClient(fileSystem, { uid: 1000, gid: 100 });
    });

    it('creates, writes, reads', async () => {
      const { file, entry } = await client.create('/data/a', O_CREAT | O_EXCL | O_RDWR, 0o640);
      await client.write(file, 'hello');
      await client.write(file, 'J', 0);
      assert.equal(await client.read(file), 'Jello');
      assert.equal(await client.read(file, 3, 10), 'lo');
      assert.equal(await client.read(file, 9, 10), '');
      await client.close(file);
      assert.equal(await client.readFile('/data/a'), 'Jello');
      const { mode, uid, gid, size, nlink, ino } = await client.stat('/data/a');
      const expected = { mode: 0o100640, uid: 1000, gid: 100, size: 5, nlink: 1, ino: entry.node };
      assert.deepEqual({ mode, uid, gid, size, nlink, ino }, expected);
      assert.equal(tree.opened, 0, 'all is released');
    });

    it('commits at each flush and syncs at fsync', async () => {
      const { file } = await client.create('/data/a');
      await client.flush(file);
      await client.flush(file);
      await fileSystem.fsync(file.node, file.handle, false, client.request);
      assert.deepEqual(tree.calls, ['open to write', 'flush', 'flush', 'sync']);
      await client.close(file);
    });

    it('wants no flush of what was opened for reading, and keeps the pages', async () => {
      await client.writeFile('/data/a', 'x');
      const reading = await client.open('/data/a', O_RDONLY);
      const writing = await client.open('/data/a', O_WRONLY | O_APPEND);
      assert.deepEqual([reading.noFlush, writing.noFlush], [true, false]);
      assert.deepEqual(tree.calls.slice(-2), ['open to read', 'open to write']);
      assert.deepEqual([reading.keepCache, writing.keepCache], [true, true]);
    });

    it('honours O_TRUNC and O_EXCL', async () => {
      await client.writeFile('/data/a', 'long text');
      await client.close(await client.open('/data/a', O_WRONLY | O_TRUNC));
      assert.equal((await client.stat('/data/a')).size, 0);
      await fails('EEXIST', () => client.create('/data/a', O_CREAT | O_EXCL | O_WRONLY));
      await client.writeFile('/data/a', 'again');
      const { file, entry } = await client.create('/data/a', O_CREAT | O_RDWR);
      assert.equal(entry.node, await client.node('/data/a'));
      assert.equal(await client.read(file), 'again', 'created meanwhile: opened');
    });

    it('opens no directory', async () => {
      await client.mkdir('/data/d');
      await fails('EISDIR', () => client.open('/data/d', O_WRONLY));
      await fails('EISDIR', () => client.create('/data/d', O_CREAT | O_WRONLY));
    });

    it('makes directories and hands on the group of a set-group-ID one', async () => {
      await client.mkdir('/data/d', 0o2750);
      tree.at('/d').gid = 7;
      await client.mkdir('/data/d/e', 0o700);
      const { mode, gid } = await client.stat('/data/d/e');
      assert.deepEqual([mode, gid], [0o042700, 7]);
      await fails('EEXIST', () => client.mkdir('/data/d'));
    });

    it('makes regular files with mknod and nothing else', async () => {
      const [parent] = await client.parent('/data/x');
      await fileSystem.mknod(parent, 'x', 0o100600, client.request);
      assert.equal((await client.stat('/data/x')).mode, 0o100600);
      await fails('EPERM', () => fileSystem.mknod(parent, 'pipe', 0o010600, client.request));
      await fails('EPERM', () => fileSystem.link());
    });

    it('makes symbolic links, and shows them as what they are', async () => {
      const [parent] = await client.parent('/data/l');
      const made = await fileSystem.symlink(parent, 'l', 'to/ä', client.request);
      const { mode, size, uid } = await client.stat('/data/l');
      assert.deepEqual([mode, size, uid], [0o120777, 5, 1000]);
      assert.equal(await fileSystem.readlink(made.node, client.request), 'to/ä');
      await client.writeFile('/data/a', 'x');
      await fails('EINVAL', async () => fileSystem.readlink(await client.node('/data/a'), client.request));
      await fails('EEXIST', () => fileSystem.symlink(parent, 'a', 'x', client.request));
      await fails('EACCES', () => fileSystem.symlink(1, 'l', 'x', client.request));
    });

    it('keeps the times that it is given, and its own where it is asked for now', async () => {
      await client.writeFile('/data/a', 'x');
      const node = await client.node('/data/a');
      await fileSystem.setattr(node, { atime: 1000, mtime: 2000 }, client.request);
      const { atime, mtime } = await client.stat('/data/a');
      assert.deepEqual([atime, mtime], [1000, 2000]);
      await fileSystem.setattr(node, { atime: 'now' }, client.request);
      assert.ok((await client.stat('/data/a')).atime > 2000);
    });

    it('tells a missing name with the time for which it is missing', async () => {
      tree.fresh = 1500;
      assert.deepEqual(await client.entry('/data/none'), { node: 0, entryTimeout: 1.5 });
      await client.mkdir('/data/d');
      const found = await client.entry('/data/d');
      assert.ok('attributes' in found);
      assert.deepEqual([found.entryTimeout, found.attributeTimeout], [1.5, 1.5]);
    });

    it('changes attributes', async () => {
      await client.writeFile('/data/a', '123456');
      const node = await client.node('/data/a');
      const changes = { size: 3, mode: 0o100600, uid: 5, gid: 6, mtime: 1_000_000_000_500.25 };
      const { attributes } = await fileSystem.setattr(node, changes, client.request);
      const { size, mode, uid, gid, mtime } = attributes;
      assert.deepEqual({ size, mode, uid, gid, mtime }, { ...changes, mode: 0o100600 });
      assert.equal(await client.readFile('/data/a'), '123');
      const before = Date.now();
      const touched = await fileSystem.setattr(node, { mtime: 'now', atime: 'now' }, client.request);
      assert.ok(touched.attributes.mtime >= before);
      await fails('EISDIR', async () => fileSystem.setattr(await client.node('/data'), { size: 0 }, client.request));
    });

    it('keeps an unlinked file while it is open', async () => {
      const { file } = await client.create('/data/a', O_CREAT | O_RDWR);
      await client.write(file, 'still here');
      await client.unlink('/data/a');
      assert.equal(await client.exists('/data/a'), false);
      assert.equal(await client.read(file), 'still here');
      const { attributes } = await fileSystem.setattr(file.node, { size: 5, handle: file.handle }, client.request);
      assert.deepEqual([attributes.nlink, attributes.size], [0, 5]);
      await client.close(file);
      await fails('ESTALE', () => fileSystem.getattr(file.node, undefined, client.request));
    });

    it('removes', async () => {
      await client.mkdir('/data/d');
      await client.writeFile('/data/d/f', '');
      await fails('ENOTEMPTY', () => client.rmdir('/data/d'));
      await fails('EISDIR', () => client.unlink('/data/d'));
      await fails('ENOTDIR', () => client.rmdir('/data/d/f'));
      await client.unlink('/data/d/f');
      await client.rmdir('/data/d');
      await fails('ENOENT', () => client.rmdir('/data/d'));
    });

    it('keeps a removed directory, empty and without a name, until the kernel forgets it', async () => {
      await client.mkdir('/data/removed');
      await client.mkdir('/data/replaced');
      const nodes = [await client.node('/data/removed'), await client.node('/data/replaced')];
      await client.rmdir('/data/removed');
      await client.mkdir('/data/other');
      await client.rename('/data/other', '/data/replaced');
      for (const node of nodes) {
        assert.equal((await fileSystem.getattr(node, undefined, client.request)).attributes.nlink, 0);
        await fileSystem.opendir(node, 0, client.request);
        await fails('ENOENT', () => fileSystem.mkdir(node, 'new', 0o755, client.request));
        fileSystem.forget(node);
        await fails('ESTALE', () => fileSystem.getattr(node, undefined, client.request));
      }
      assert.equal(tree.opened, 0, 'nothing is kept');
    });

    it('renames, over others, with NOREPLACE and EXCHANGE', async () => {
      await client.mkdir('/data/d');
      await client.writeFile('/data/a', 'a');
      await client.writeFile('/data/d/b', 'b');
      await fails('EEXIST', () => client.rename('/data/a', '/data/d/b', { ...noFlags, noReplace: true }));
      const node = await client.node('/data/a');
      await client.rename('/data/a', '/data/d/b', { ...noFlags, exchange: true });
      assert.deepEqual([await client.readFile('/data/a'), await client.readFile('/data/d/b')], ['b', 'a']);
      assert.equal(await client.node('/data/d/b'), node);
      await client.rename('/data/a', '/data/d/b');
      assert.deepEqual([await client.exists('/data/a'), await client.readFile('/data/d/b')], [false, 'b']);
      await fails('EINVAL', () => client.rename('/data/d', '/data/d/e'));
      await fails('EISDIR', () => client.rename('/data/d/b', '/data/d'));
    });

    it('refuses names that are too long or that the tree refuses', async () => {
      const long = 'ü'.repeat(128);
      await fails('ENAMETOOLONG', () => client.entry(`/data/${long}`));
      await fails('ENAMETOOLONG', () => client.create(`/data/${long}`));
      await fails('ENAMETOOLONG', () => client.mkdir(`/data/${long}`));
      await client.mkdir(`/data/${'ü'.repeat(127)}x`);
      await fails('ENAMETOOLONG', () => client.rename(`/data/${'ü'.repeat(127)}x`, `/data/${long}`));
      await fails('EINVAL', () => client.create('/data/\uFFFD'));
    });

    it('reserves space and finds data', async () => {
      const { file } = await client.create('/data/a');
      const allocate = (mode: number): unknown =>
        fileSystem.fallocate(file.node, file.handle, 0, 10, mode, client.request);
      await allocate(1);
      assert.equal((await client.stat('/data/a')).size, 0);
      await allocate(0);
      assert.equal((await client.stat('/data/a')).size, 10);
      assert.deepEqual(tree.calls.slice(1), ['allocate true', 'allocate false']);
      for (const mode of [3, 16, 17]) await allocate(mode);
      assert.deepEqual(tree.calls.slice(3), ['clear 0 10 true', 'clear 0 10 false', 'clear 0 10 true']);
      for (const mode of [8, 32, 64]) await fails('ENOTSUP', () => allocate(mode));
      assert.equal(await fileSystem.lseek(file.node, file.handle, 2, 3, client.request), 2);
      assert.equal(await fileSystem.lseek(file.node, file.handle, 2, 4, client.request), 10);
      await fails('ENXIO', () => fileSystem.lseek(file.node, file.handle, 10, 3, client.request));
    });

    it('tells the space of the account, also when it is not known', async () => {
      tree.figures = { used: 4096 * 3 + 1, total: 4096 * 10 };
      const known = await fileSystem.statfs(1, client.request);
      assert.deepEqual([known.blockSize, known.blocks, known.blocksFree], [4096, 10, 6]);
      tree.figures = { used: 4096 * 20, total: 4096 * 10 };
      assert.equal((await fileSystem.statfs(1, client.request)).blocksFree, 0);
      tree.figures = {};
      assert.equal((await fileSystem.statfs(1, client.request)).blocksFree, 2 ** 38);
      tree.failure = new StoreError('Unavailable');
      assert.equal((await fileSystem.statfs(1, client.request)).blocksFree, 2 ** 38);
      tree.failure = new TypeError('a mistake');
      await assert.rejects(async () => fileSystem.statfs(1, client.request), TypeError);
    });

    it('tells failures of the tree in the words of the kernel', async () => {
      await client.writeFile('/data/a', 'x');
      const file = await client.open('/data/a', O_RDWR);
      tree.failure = new StoreError('QuotaExceeded');
      await fails('ENOSPC', () => client.write(file, 'y'));
      await fails('ENOSPC', () => client.flush(file));
      tree.failure = new StoreError('Unavailable');
      await fails('EIO', () => client.read(file));
      await fails('EIO', async () => fileSystem.lookup(tree.root, 'a', client.request));
      await fails('EIO', () => fileSystem.opendir(tree.root, 0, client.request));
      await fails('EBADF', () => fileSystem.read(file.node, 999, 0, new Uint8Array(1), client.request));
    });
  });
