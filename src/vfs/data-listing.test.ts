import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FileSystemClient, fails } from '../../test/fakes/file-system-client.ts';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import { CloudFileSystem } from './cloud-file-system.ts';

for (const slow of [false, true])
  describe(`listings of a tree that answers ${slow ? 'later' : 'at once'}`, { timeout: 20_000 }, () => {
    let tree: MemoryNodeTree;
    let client: FileSystemClient;
    const names = Array.from({ length: 10 }, (_, index) => `f${index}`);

    beforeEach(async () => {
      tree = new MemoryNodeTree({ slow });
      const fileSystem = new CloudFileSystem({ control: new RecordedControl(), uid: 0, gid: 0 });
      fileSystem.attach(tree);
      client = new FileSystemClient(fileSystem);
      await client.mkdir('/data/d');
      for (const name of names) await client.writeFile(`/data/d/${name}`, name);
      await client.mkdir('/data/d/sub');
    });

    for (const room of [1, 3, 100])
      it(`lists everything once, ${room} at a time`, async () => {
        const listed = await client.list('/data/d', room);
        assert.deepEqual(
          listed.map(({ name }) => name),
          ['.', '..', ...names, 'sub'],
        );
        assert.deepEqual(
          listed.filter(({ directory }) => directory).map(({ name }) => name),
          ['.', '..', 'sub'],
        );
        assert.deepEqual([listed[0]?.ino, listed[1]?.ino], [await client.node('/data/d'), await client.node('/data')]);
        assert.deepEqual([listed[0]?.reply, listed[1]?.reply], [undefined, undefined]);
        for (const { name, ino, reply } of listed.slice(2)) {
          assert.equal(ino, await client.node(`/data/d/${name}`));
          assert.ok(reply !== undefined && 'attributes' in reply);
          assert.equal(reply.node, ino);
          assert.equal(reply.attributes.size, name === 'sub' ? 4096 : name.length);
          assert.equal(reply.entryTimeout, 2);
        }
      });

    it('gives names alone when attributes are not wanted', async () => {
      const listed = await client.list('/data/d', 100, false);
      assert.equal(listed.length, 13);
      assert.ok(listed.every(({ reply }) => reply === undefined));
    });

    it('shows the root of the mount above data', async () => {
      const [self, parent] = await client.list('/data');
      assert.deepEqual([self?.ino, parent?.ino], [tree.root, 1]);
    });

    it('survives removal of what was listed, as rm -r does', async () => {
      const node = await client.node('/data/d');
      const { handle } = await client.fileSystem.opendir(node, 0, client.request);
      let seen = 0;
      for (let position = 0, more = true; more; ) {
        const batch: string[] = [];
        const add = (name: string, _ino: number, _directory: boolean, next: number): boolean => {
          if (batch.length === 4) return false;
          batch.push(name);
          position = next;
          return true;
        };
        await client.fileSystem.readdir(node, handle, position, { plus: false, add }, client.request);
        const files = batch.filter((name) => name.startsWith('f'));
        for (const name of files) await client.unlink(`/data/d/${name}`);
        seen += files.length;
        more = batch.length > 0;
      }
      assert.equal(seen, names.length);
      assert.deepEqual(
        (await client.list('/data/d')).map(({ name }) => name),
        ['.', '..', 'sub'],
      );
    });

    it('does not show what went since opendir, and shows it fresh after rewinddir', async () => {
      const node = await client.node('/data/d');
      const { handle } = await client.fileSystem.opendir(node, 0, client.request);
      await client.unlink('/data/d/f0');
      assert.equal((await client.listOpen(node, handle)).length, 12);
      await client.writeFile('/data/d/new', '');
      const names = (await client.listOpen(node, handle)).map(({ name }) => name);
      assert.equal(names.length, 13);
      assert.ok(names.includes('new'));
    });

    it('opens only directories', async () => {
      const file = await client.node('/data/d/f0');
      await fails('ENOTDIR', () => client.fileSystem.opendir(file, 0, client.request));
      await fails('EBADF', () => client.listOpen(tree.root, 12_345));
    });
  });
