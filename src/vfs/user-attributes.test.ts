import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FileSystemClient, fails } from '../../test/fakes/file-system-client.ts';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import { CloudFileSystem } from './cloud-file-system.ts';

const [createOnly, replaceOnly] = [1, 2];

describe('extended attributes', { timeout: 20_000 }, () => {
  let tree: MemoryNodeTree;
  let fileSystem: CloudFileSystem;
  let client: FileSystemClient;
  let node: number;

  beforeEach(async () => {
    tree = new MemoryNodeTree();
    fileSystem = new CloudFileSystem({ control: new RecordedControl(), uid: 0, gid: 0 });
    fileSystem.attach(tree);
    client = new FileSystemClient(fileSystem);
    await client.writeFile('/data/a', 'x');
    node = await client.node('/data/a');
  });

  const set = async (name: string, value: string, flags = 0): Promise<void> =>
    fileSystem.setxattr(node, name, Buffer.from(value), flags, client.request);
  const value = async (name: string): Promise<string> =>
    Buffer.from(await fileSystem.getxattr(node, name, client.request)).toString();

  it('of the user are set, told, listed and taken away', async () => {
    await set('user.a', 'one');
    await set('user.b', '');
    await set('user.a', 'two');
    assert.deepEqual([await value('user.a'), await value('user.b')], ['two', '']);
    assert.deepEqual(await fileSystem.listxattr(node, client.request), ['user.a', 'user.b']);
    await fileSystem.removexattr(node, 'user.a', client.request);
    await fails('ENODATA', () => value('user.a'));
    await fails('ENODATA', () => fileSystem.removexattr(node, 'user.a', client.request));
  });

  it('are only made, or only replaced, where that is asked', async () => {
    await fails('ENODATA', () => set('user.a', 'x', replaceOnly));
    await set('user.a', 'x', createOnly);
    await fails('EEXIST', () => set('user.a', 'y', createOnly));
    await set('user.a', 'z', replaceOnly);
    assert.equal(await value('user.a'), 'z');
  });

  it('tell the state of a file, which nobody can set and no program copies', async () => {
    tree.states.set(tree.at('/a').id, 'uploading');
    assert.equal(await value('user.cloudfusion.state'), 'uploading');
    assert.deepEqual(await fileSystem.listxattr(node, client.request), []);
    await fails('EPERM', () => set('user.cloudfusion.state', 'clean'));
    await fails('EPERM', () => fileSystem.removexattr(node, 'user.cloudfusion.state', client.request));
  });

  it('of other name spaces there are none', async () => {
    for (const name of ['security.capability', 'system.posix_acl_access', 'trusted.x', 'user.']) {
      await fails('ENOTSUP', () => value(name));
      await fails('ENOTSUP', () => set(name, 'x'));
      await fails('ENOTSUP', () => fileSystem.removexattr(node, name, client.request));
    }
  });

  it('of control files there are none', async () => {
    const control = await client.node('/stats/stats');
    await fails('ENODATA', () => fileSystem.getxattr(control, 'user.a', client.request));
    await fails('ENOTSUP', () => fileSystem.setxattr(control, 'user.a', Buffer.from('x'), 0, client.request));
  });
});
