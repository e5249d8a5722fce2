import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystemClient, fails } from '../../test/fakes/file-system-client.ts';
import { MemoryNodeTree } from '../../test/fakes/memory-node-tree.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import { mapAnswer } from '../cache/map-answer.ts';
import type { Answer, NodeListing } from '../cache/node-tree.ts';
import { Errno } from '../fuse/errno.ts';
import { StoreError } from '../store/errors.ts';
import { CloudFileSystem } from './cloud-file-system.ts';

const names = Array.from({ length: 10 }, (_, index) => `f${index}`);

/** A tree whose directories tell `come` names until `bring` or `fail` is called. */
class ArrivingTree extends MemoryNodeTree {
  come = 4;
  #more = Promise.withResolvers<void>();

  override readDirectory(directory: number): Answer<NodeListing> {
    return mapAnswer(super.readDirectory(directory), (listing) => {
      const come = (): number => Math.min(this.come, listing.length);
      return {
        get length() {
          return come();
        },
        get isWhole() {
          return come() === listing.length;
        },
        at: (position) => listing.at(position),
        more: () => this.#more.promise,
      };
    });
  }

  bring(come: number): void {
    this.come = come;
    const { resolve } = this.#more;
    this.#more = Promise.withResolvers();
    resolve();
  }

  break(reason: unknown): void {
    // Whether somebody waits or not.
    this.#more.promise.catch(() => undefined);
    this.#more.reject(reason);
  }
}

describe('an open directory whose names arrive', { timeout: 20_000 }, () => {
  let tree: ArrivingTree;
  let client: FileSystemClient;
  let node: number;
  let handle: number;

  beforeEach(async () => {
    tree = new ArrivingTree();
    const fileSystem = new CloudFileSystem({ control: new RecordedControl(), uid: 0, gid: 0 });
    fileSystem.attach(tree);
    client = new FileSystemClient(fileSystem);
    await client.mkdir('/data/d');
    for (const name of names) await client.writeFile(`/data/d/${name}`, name);
    node = await client.node('/data/d');
    ({ handle } = await fileSystem.opendir(node, 0, client.request));
  });

  /** One READDIR: its names, and the position behind them. */
  async function read(offset: number, request = client.request): Promise<{ found: string[]; next: number }> {
    const found: string[] = [];
    let next = offset;
    const add = (name: string, _ino: number, _directory: boolean, behind: number): boolean => {
      found.push(name);
      next = behind;
      return true;
    };
    const later = client.fileSystem.readdir(node, handle, offset, { plus: false, add }, request);
    if (later !== undefined) {
      assert.deepEqual(found, [], 'nothing is added before the step');
      (await later)();
    }
    return { found, next };
  }

  it('answers what has come, and waits only behind that', async () => {
    const first = await read(0);
    assert.deepEqual(first.found, ['.', '..', ...names.slice(0, 4)]);
    let isOver = false;
    const second = read(first.next).finally(() => (isOver = true));
    await sleep(10);
    assert.equal(isOver, false);
    tree.bring(7);
    assert.deepEqual((await second).found, names.slice(4, 7));
    const last = read((await second).next);
    tree.bring(10);
    assert.deepEqual((await last).found, names.slice(7));
    assert.deepEqual((await read((await last).next)).found, [], 'the end');
  });

  it('goes on where somebody seeks to, also where nothing has come yet', async () => {
    const first = await read(0);
    const ahead = read(first.next + 2);
    tree.bring(5);
    tree.bring(8);
    assert.deepEqual((await ahead).found, names.slice(6, 8));
    assert.deepEqual((await read(first.next - 1)).found, names.slice(3, 8));
  });

  it('tells the failure when all before it was read, and not the end', async () => {
    const first = await read(0);
    const waiting = read(first.next);
    tree.break(new StoreError('Unavailable'));
    await fails('EIO', () => waiting);
    await fails('EIO', () => read(first.next));
    assert.deepEqual((await read(0)).found, first.found);
  });

  it('does not end where all that came meanwhile has gone', async () => {
    const first = await read(0);
    const waiting = read(first.next);
    for (const name of names.slice(4, 9)) await client.unlink(`/data/d/${name}`);
    tree.bring(8);
    let isOver = false;
    void waiting.finally(() => (isOver = true));
    await sleep(10);
    assert.equal(isOver, false);
    tree.bring(10);
    assert.deepEqual((await waiting).found, ['f9']);
  });

  it('tells a name that goes in the last moment rather than the end', async () => {
    const first = await read(0);
    const found: string[] = [];
    const add = (name: string): boolean => found.push(name) > 0;
    const later = client.fileSystem.readdir(node, handle, first.next, { plus: true, add }, client.request);
    tree.bring(5);
    const step = await later;
    await client.unlink('/data/d/f4');
    step?.();
    assert.deepEqual(found, ['f4']);
  });

  it('lets go of who is interrupted, and does not mind', async () => {
    const first = await read(0);
    const interruption = new AbortController();
    const waiting = read(first.next, { ...client.request, signal: interruption.signal });
    interruption.abort(Errno.of('EINTR'));
    await fails('EINTR', () => waiting);
    tree.bring(10);
    assert.deepEqual((await read(first.next)).found, names.slice(4));
  });

  it('is read afresh from the start', async () => {
    tree.bring(10);
    await read(0);
    await client.unlink('/data/d/f0');
    await client.writeFile('/data/d/new', '');
    tree.come = 11;
    assert.deepEqual((await read(0)).found, ['.', '..', ...names.slice(1), 'new']);
  });
});
