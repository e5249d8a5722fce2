import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryNodeTree, trialDescriptor } from '../../test/fakes/memory-node-tree.ts';
import type { OpenFile } from '../cache/node-tree.ts';
import type { BackingFiles } from '../fuse/file-system.ts';
import { IoModes } from './io-modes.ts';
import { passthroughText, tryPassthrough } from './passthrough.ts';

/** A kernel that lends numbers from 1, and what was done. */
class RecordedBacking implements BackingFiles {
  readonly calls: string[] = [];
  failure = 0;
  #last = 0;

  open(descriptor: number): number {
    this.calls.push(`open ${descriptor}`);
    return this.failure === 0 ? ++this.#last : -this.failure;
  }

  close(backing: number): void {
    this.calls.push(`close ${backing}`);
  }

  isOpenElsewhere(): boolean {
    return false;
  }
}

interface Trial {
  readonly tree: MemoryNodeTree;
  readonly backing: RecordedBacking;
  readonly modes: IoModes;
  readonly open: (id?: number) => OpenFile;
  readonly id: number;
}

function trial(): Trial {
  const tree = new MemoryNodeTree();
  const backing = new RecordedBacking();
  const make = (name: string) => tree.createFile(tree.root, name, { mode: 0o644, uid: 0, gid: 0 });
  const made = make('a');
  if (made instanceof Promise) throw new TypeError('a fast tree answers at once');
  const open = (id = made.id): OpenFile => tree.open(id, { write: true }) as OpenFile;
  return { tree, backing, modes: new IoModes(backing), open, id: made.id };
}

describe('the handles of a node', () => {
  it('share one backing file, which is taken back with the last of them', () => {
    const { tree, backing, modes, open, id } = trial();
    const files = [open(), open(), open()];
    assert.deepEqual(
      files.map((file) => modes.begin(file)),
      [{ backing: 1 }, { backing: 1 }, { backing: 1 }],
    );
    assert.deepEqual(
      tree.calls.filter((call) => call.startsWith('open directly')),
      ['open directly', 'open directly, shared', 'open directly, shared'],
    );
    for (const file of files) modes.end(file);
    assert.deepEqual(backing.calls, [`open ${id}`, 'close 1']);
    assert.deepEqual(modes.begin(open()), { backing: 2 });
  });

  it('have pages as long as one of them has, and drop old ones', () => {
    const { tree, backing, modes, open } = trial();
    tree.indirect = true;
    const first = open();
    assert.deepEqual(modes.begin(first), { keepCache: true });
    tree.indirect = false;
    tree.stalePages = true;
    const second = open();
    assert.deepEqual(modes.begin(second), { keepCache: false });
    modes.end(first);
    modes.end(second);
    assert.deepEqual(backing.calls, []);
    assert.deepEqual(modes.begin(open()), { backing: 1 });
  });

  it('share the file but write through us where a limit is near', () => {
    const { tree, modes, open } = trial();
    modes.begin(open());
    tree.limited = true;
    assert.deepEqual(modes.begin(open()), { backing: 1, directIo: true });
  });

  it('have pages where the kernel takes no file', () => {
    const { tree, backing, modes, open } = trial();
    backing.failure = 40;
    assert.deepEqual(modes.begin(open()), { keepCache: true });
    assert.equal(tree.calls.at(-1), 'close directly');
    backing.failure = 0;
    assert.deepEqual(modes.begin(open()), { keepCache: true });
  });

  it('have pages where passthrough is off', () => {
    assert.deepEqual(new IoModes(undefined).begin(trial().open()), { keepCache: true });
  });

  it('lose their backing files with the tree', () => {
    const { backing, modes, open } = trial();
    modes.begin(open());
    modes.close();
    assert.deepEqual(backing.calls.at(-1), 'close 1');
  });
});

describe('whether passthrough works', () => {
  it('is found out by trying, and told with the reason', () => {
    const { tree, backing } = trial();
    assert.deepEqual(tryPassthrough(tree, backing), { on: true });
    assert.deepEqual(backing.calls, [`open ${trialDescriptor}`, 'close 1']);
    for (const [errno, why] of [
      [1, /root/],
      [40, /overlayfs/],
      [22, /errno 22/],
    ] as const) {
      backing.failure = errno;
      assert.match(passthroughText(tryPassthrough(tree, backing)), why);
    }
    assert.match(passthroughText(tryPassthrough(tree, undefined)), /Linux 6\.9/);
  });
});
