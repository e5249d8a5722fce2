import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { describe, it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import type { BackingFiles, EntryReply, Request } from '../fuse/file-system.ts';
import { DataFileSystem } from './data-file-system.ts';

const limit = { timeout: 20_000 };
const request: Request = { unique: 1, uid: 0, gid: 0, pid: 1, signal: new AbortController().signal };
const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/** A kernel that keeps the files which it is lent, as the real one does. */
class KeepingBacking implements BackingFiles {
  readonly kept: number[] = [];

  open(descriptor: number): number {
    return this.kept.push(openSync(`/proc/self/fd/${descriptor}`, 'r'));
  }

  close(): void {}

  isOpenElsewhere(): boolean {
    return false;
  }
}

describe('files that the kernel reads and writes by itself', () => {
  it('have attributes that are believed until the program has its descriptor, and no longer', limit, async (t) => {
    const { tree } = new CacheTrial(t);
    const backing = new KeepingBacking();
    t.after(() => backing.kept.forEach((descriptor) => closeSync(descriptor)));
    const files = new DataFileSystem(tree, 0, { backing });
    await tree.lookup(tree.root, 'a');
    const made = await files.create(tree.root, 'a', 0o644, O_CREAT | O_EXCL | O_WRONLY, request);
    const { node, attributeTimeout } = made.entry as Extract<EntryReply, { readonly attributeTimeout: number }>;
    assert.ok(made.open.backing !== undefined);
    assert.ok(attributeTimeout > 0 && attributeTimeout < 0.1, String(attributeTimeout));
    assert.equal((await files.getattr(node)).attributeTimeout, 0);
  });

  it('keep their bytes for who reads them when the tree is shown no more', limit, async (t) => {
    const trial = new CacheTrial(t);
    const backing = new KeepingBacking();
    t.after(() => backing.kept.forEach((descriptor) => closeSync(descriptor)));
    const files = new DataFileSystem(trial.tree, 0, { backing });
    const opened = await files.open(await trial.save('/a', 'still here'.padEnd(100_000)), O_RDONLY, request);
    assert.ok(opened.backing !== undefined);
    await trial.remove('/a');
    files.close();
    for (let i = 0; i < 3; i++) await trial.save(`/${i}`, 'other');
    const into = Buffer.alloc(10);
    assert.equal(into.toString('utf8', 0, readSync(backing.kept[0] as number, into, 0, 10, 0)), 'still here');
  });
});
