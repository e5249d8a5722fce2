import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { beforeEach, describe, it } from 'node:test';
import { FileSystemClient, fails } from '../../test/fakes/file-system-client.ts';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import type { Notifier } from '../fuse/file-system.ts';
import { StoreError } from '../store/errors.ts';
import { CloudFileSystem } from './cloud-file-system.ts';

const { O_RDONLY, O_RDWR } = constants;
const epoch = 2 ** 40;

/** Keeps what the kernel is told, as texts. */
class RecordedNotifier implements Notifier {
  readonly told: string[] = [];
  failure: Error | undefined;

  invalidateNode(node: number, attributesOnly?: boolean): Promise<void> {
    return this.#tell(attributesOnly === true ? `attributes of ${node}` : `node ${node}`);
  }

  invalidateEntry(parent: number, name: string): Promise<void> {
    return this.#tell(`${name} in ${parent}`);
  }

  deleteEntry(parent: number, node: number, name: string): Promise<void> {
    return this.#tell(`death of ${node}, ${name} in ${parent}`);
  }

  async #tell(text: string): Promise<void> {
    this.told.push(text);
    if (this.failure !== undefined) throw this.failure;
  }
}

describe('CloudFileSystem', { timeout: 20_000 }, () => {
  let notify: RecordedNotifier;
  let errors: unknown[];
  let fileSystem: CloudFileSystem;
  let client: FileSystemClient;

  beforeEach(() => {
    notify = new RecordedNotifier();
    errors = [];
    const control = new RecordedControl();
    fileSystem = new CloudFileSystem({ control, uid: 0, gid: 0, onError: (error) => errors.push(error) });
    fileSystem.start({ minor: 45, maxWrite: 1 << 20, notify });
    client = new FileSystemClient(fileSystem);
  });

  it('shows an empty data directory before there is a store', async () => {
    assert.deepEqual(
      (await client.list('/data')).map(({ name }) => name),
      ['.', '..'],
    );
    assert.equal((await client.stat('/data')).mode, 0o040555);
    assert.equal(await client.exists('/data/a'), false);
    await fails('EACCES', () => client.create('/data/a'));
    await fails('EACCES', () => client.mkdir('/data/a'));
    await fails('ENOENT', () => client.unlink('/data/a'));
    const { blocks, blocksFree } = await fileSystem.statfs(1, client.request);
    assert.deepEqual([blocks, blocksFree], [0, 0]);
  });

  it('uses the numbers of the first tree as they are, and others for the next', async () => {
    const empty = await client.node('/data');
    fileSystem.attach(new MemoryNodeTree());
    assert.equal(await client.node('/data'), 16);
    await fails('ESTALE', () => fileSystem.getattr(empty, undefined, client.request));
    fileSystem.attach(new MemoryNodeTree());
    assert.equal(await client.node('/data'), 16 + epoch);
    await client.writeFile('/data/a', 'a');
    assert.equal((await client.stat('/data/a')).ino, 17 + epoch);
    assert.deepEqual(
      (await client.list('/data')).map(({ ino }) => ino),
      [16 + epoch, 1, 17 + epoch],
    );
    assert.equal((await client.list('/'))[2]?.ino, 16 + epoch);
    fileSystem.attach(undefined);
    assert.equal(await client.node('/data'), empty);
    assert.deepEqual(notify.told, ['data in 1', 'data in 1', 'data in 1']);
  });

  it('answers ESTALE for what belonged to the tree before, and leaves that tree nothing open', async () => {
    const before = new MemoryNodeTree();
    fileSystem.attach(before);
    await client.writeFile('/data/a', 'a');
    const file = await client.open('/data/a', O_RDWR);
    const directory = await fileSystem.opendir(16, 0, client.request);
    fileSystem.attach(new MemoryNodeTree());
    assert.equal(before.opened, 0);
    assert.equal(before.listeners.size, 0);
    await fails('ESTALE', () => client.read(file));
    await fails('ESTALE', () => client.write(file, 'lost?'));
    await fails('ESTALE', () => client.flush(file));
    await fails('ESTALE', () => client.listOpen(16, directory.handle));
    await fails('ESTALE', () => fileSystem.lookup(16, 'a', client.request));
    await fails('ESTALE', () =>
      fileSystem.rename(16, 'a', 1, 'b', { noReplace: false, exchange: false }, client.request),
    );
    await fileSystem.release(file.node, file.handle, client.request);
    await fileSystem.releasedir(16, directory.handle, client.request);
  });

  it('tells the kernel what the service changed, and of directories once a turn', async () => {
    fileSystem.attach(new MemoryNodeTree());
    const tree = new MemoryNodeTree();
    fileSystem.attach(tree);
    notify.told.length = 0;
    tree.tell({ kind: 'content', node: 20 });
    tree.tell({ kind: 'added', node: 21, directory: 16, name: 'new' });
    tree.tell({ kind: 'removed', node: 22, directory: 16, name: 'old' });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(notify.told, [
      `node ${epoch + 20}`,
      `new in ${epoch + 16}`,
      `death of ${epoch + 22}, old in ${epoch + 16}`,
      `attributes of ${epoch + 16}`,
    ]);
  });

  it('does not tell of the death of what lives on under another name', async () => {
    const tree = new MemoryNodeTree();
    fileSystem.attach(tree);
    await client.writeFile('/data/elsewhere', 'x');
    notify.told.length = 0;
    tree.tell({ kind: 'removed', node: await client.node('/data/elsewhere'), directory: 16, name: 'before' });
    assert.deepEqual(notify.told, ['before in 16']);
  });

  it('reports notifications that fail, and sends none to a kernel that has gone', async () => {
    const tree = new MemoryNodeTree();
    fileSystem.attach(tree);
    notify.failure = new Error('not taken');
    tree.tell({ kind: 'content', node: 20 });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(errors, [notify.failure]);
    fileSystem.stop();
    notify.told.length = 0;
    tree.tell({ kind: 'content', node: 20 });
    assert.deepEqual(notify.told, []);
  });

  it('leaves nothing open when the kernel has gone', async () => {
    const tree = new MemoryNodeTree();
    fileSystem.attach(tree);
    await client.create('/data/a');
    assert.equal(tree.opened, 1);
    fileSystem.stop();
    assert.equal(tree.opened, 0);
  });

  it('gives up what may be given up when the request is interrupted, and releases what was opened too late', async () => {
    const tree = new MemoryNodeTree({ slow: true });
    fileSystem.attach(tree);
    await client.writeFile('/data/a', 'a');
    const node = await client.node('/data/a');
    const abort = new AbortController();
    const interrupted = client.as({ signal: abort.signal });
    const opening = fileSystem.open(node, O_RDONLY, interrupted.request);
    const lookingUp = fileSystem.lookup(16, 'a', interrupted.request);
    const listing = fileSystem.opendir(16, 0, interrupted.request);
    abort.abort(new Error('a signal came'));
    await fails('EINTR', () => opening);
    await fails('EINTR', () => lookingUp);
    await fails('EINTR', () => listing);
    await fails('EINTR', () => fileSystem.lookup(16, 'a', interrupted.request));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    assert.equal(tree.opened, 0);
  });

  it('finishes changes whether the request is interrupted or not', async () => {
    const tree = new MemoryNodeTree({ slow: true });
    fileSystem.attach(tree);
    const interrupted = client.as({ signal: AbortSignal.abort(new Error('a signal came')) });
    const made = await fileSystem.mkdir(16, 'd', 0o755, interrupted.request);
    assert.equal(made.node, tree.at('/d').id);
  });

  it('hands on mistakes of the program, for the session to report', async () => {
    const tree = new MemoryNodeTree();
    fileSystem.attach(tree);
    tree.failure = new TypeError('a mistake');
    assert.throws(() => fileSystem.lookup(16, 'a', client.request), TypeError);
    tree.failure = new StoreError('PermissionDenied');
    await fails('EACCES', () => fileSystem.lookup(16, 'a', client.request));
  });
});
