import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { beforeEach, describe, it } from 'node:test';
import { FileSystemClient, fails, noFlags } from '../../test/fakes/file-system-client.ts';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import { CloudFileSystem } from './cloud-file-system.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, O_TRUNC } = constants;
const owner = 1000;

describe('the control files', { timeout: 20_000 }, () => {
  let control: RecordedControl;
  let fileSystem: CloudFileSystem;
  let client: FileSystemClient;
  const names = async (path: string): Promise<string[]> => (await client.list(path)).map(({ name }) => name);

  beforeEach(() => {
    control = new RecordedControl();
    fileSystem = new CloudFileSystem({ control, uid: owner, gid: owner });
    client = new FileSystemClient(fileSystem, { uid: owner });
  });

  it('are where the documentation says', async () => {
    assert.deepEqual(await names('/'), ['.', '..', 'data', 'config', 'stats']);
    assert.deepEqual(await names('/config'), ['.', '..', 'config']);
    assert.deepEqual(await names('/stats'), ['.', '..', 'stats', 'errors', 'notuploaded']);
    for (const { name, ino, reply } of (await client.list('/stats', 1)).slice(2)) {
      assert.equal(ino, await client.node(`/stats/${name}`));
      assert.equal(reply?.node, ino);
    }
    assert.deepEqual(
      (await client.list('/stats', 100, false)).map(({ reply }) => reply),
      [undefined, undefined, undefined, undefined, undefined],
    );
  });

  it('show the reports as they are at each open, with the size of now', async () => {
    const first = await client.open('/stats/stats', O_RDONLY);
    assert.deepEqual([first.directIo, first.noFlush], [true, true]);
    control.statisticsText = 'other and longer figures\n';
    assert.equal(await client.read(first), 'figures\n', 'one text from begin to end');
    assert.equal(await client.readFile('/stats/stats'), control.statisticsText);
    assert.equal((await client.stat('/stats/stats')).size, control.statisticsText.length);
    assert.equal(await client.readFile('/stats/notuploaded'), '/a\n/ü\n');
    assert.equal((await client.stat('/stats/notuploaded')).size, 7, 'bytes, not characters');
    assert.equal(await client.readFile('/stats/errors'), '');
    const { attributeTimeout } = await fileSystem.getattr(first.node, undefined, client.request);
    assert.equal(attributeTimeout, 0);
  });

  it('let nobody change the reports, not even root', async () => {
    const root = client.as({ uid: 0 });
    await fails('EACCES', () => root.open('/stats/stats', O_WRONLY));
    await fails('EACCES', () => root.open('/stats/stats', O_RDWR));
    await fails('EACCES', () => root.open('/stats/stats', O_RDONLY | O_TRUNC));
    const node = await root.node('/stats/stats');
    await fails('EACCES', () => fileSystem.setattr(node, { size: 0 }, root.request));
    await fails('EACCES', () => root.unlink('/stats/stats'));
    await fails('EACCES', () => root.create('/stats/new'));
    await fails('EACCES', () => root.mkdir('/stats/new'));
    await fails('EACCES', () => root.rename('/stats/stats', '/stats/other'));
  });

  it('answer their owner and root alone', async () => {
    const modes = await Promise.all(
      ['/', '/config', '/config/config', '/stats', '/stats/stats'].map((p) => client.stat(p)),
    );
    assert.deepEqual(
      modes.map(({ mode, uid }) => [mode.toString(8), uid]),
      ['40755', '40700', '100600', '40500', '100400'].map((mode) => [mode, owner]),
    );
    const config = await client.node('/config/config');
    const stranger = client.as({ uid: owner + 1 });
    await fails('EACCES', () => stranger.node('/config/config'));
    await fails('EACCES', () => stranger.list('/stats'));
    await fails('EACCES', () => fileSystem.open(config, O_RDONLY, stranger.request));
    await fails('EACCES', () => fileSystem.setattr(config, { size: 0 }, stranger.request));
    await fails('EACCES', () => stranger.unlink('/config/config'));
    assert.equal(await client.as({ uid: 0 }).readFile('/config/config'), control.text);
    assert.equal((await stranger.list('/')).length, 5);
  });

  it('keep their directories', async () => {
    await fails('EACCES', () => client.rmdir('/config'));
    await fails('EACCES', () => client.rmdir('/data'));
    await fails('EISDIR', () => client.unlink('/config'));
    await fails('ENOTDIR', () => client.rmdir('/config/config'));
    await fails('ENOENT', () => client.rmdir('/none'));
    await fails('EACCES', () => client.rename('/config', '/other'));
    await fails('EEXIST', () => client.mkdir('/data'));
    await fails('EACCES', () => client.mkdir('/other'));
    await fails('EACCES', () => client.create('/other'));
    await fails('EEXIST', () => client.create('/config', O_CREAT | O_EXCL | O_WRONLY));
    await fails('EISDIR', () => client.create('/config'));
    await fails('EISDIR', () => client.open('/config', O_WRONLY));
    await fails('ENOTDIR', () => client.node('/config/config/x'));
  });

  it('stop the mount when the configuration is deleted', async () => {
    await client.unlink('/config/config');
    assert.equal(control.stops, 1);
  });

  it('take no names that are too long, and not too many', async () => {
    await fails('ENAMETOOLONG', () => client.create(`/config/${'x'.repeat(256)}`));
    await fails('ENAMETOOLONG', () => client.entry(`/config/${'x'.repeat(256)}`));
    for (let count = 0; count < 64; count++) await client.close((await client.create(`/config/${count}`)).file);
    await fails('ENOSPC', () => client.create('/config/one-more'));
  });

  it('have no extended attributes, and data up to their end', async () => {
    const file = await client.open('/config/config', O_RDONLY);
    const seek = (offset: number, whence: number): unknown =>
      fileSystem.lseek(file.node, file.handle, offset, whence, client.request);
    await fails('ENODATA', () => fileSystem.getxattr(file.node, 'user.cloudfusion.state', client.request));
    assert.deepEqual(await fileSystem.listxattr(file.node, client.request), []);
    assert.deepEqual([seek(1, 3), seek(1, 4)], [1, control.text.length]);
    await fails('ENXIO', () => seek(control.text.length, 3));
    await fails('ENOTSUP', () => fileSystem.fallocate(file.node, file.handle, 0, 1, 0, client.request));
  });

  it('exchange nothing with data', async () => {
    fileSystem.attach(new MemoryNodeTree());
    await client.writeFile('/data/a', '[store]');
    await fails('EACCES', () => client.rename('/data/a', '/config/config'));
    await fails('EACCES', () => client.rename('/config/config', '/data/b'));
    await fails('EACCES', () => client.rename('/stats/stats', '/data/b', { ...noFlags, exchange: true }));
    assert.deepEqual(control.configured, []);
  });
});
