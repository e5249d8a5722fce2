import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };
const owner = { mode: 0o777, uid: 1000, gid: 1000 };

async function link(trial: CacheTrial, name: string, target: string): Promise<number> {
  return (await trial.tree.makeLink(trial.tree.root, name, target, owner)).id;
}

async function target(trial: CacheTrial, path: string): Promise<string | undefined> {
  const node = await trial.find(path);
  return node?.link === true ? trial.tree.readLink(node.id) : undefined;
}

async function names(trial: CacheTrial): Promise<string[]> {
  return (await trial.tree.list(trial.tree.root)).map(({ shownName }) => shownName).toSorted();
}

describe('symbolic links in the cache', () => {
  it('are small files at the store, and one request each', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (const to of ['a', '/absolute/ä', '../..', 'x'.repeat(4095)]) await link(trial, `l${to.length}`, to);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), {
      '/l1.rclonelink': 'a',
      '/l11.rclonelink': '/absolute/ä',
      '/l4095.rclonelink': 'x'.repeat(4095),
      '/l5.rclonelink': '../..',
    });
    assert.equal(trial.sent().length, 4);
    assert.equal((await trial.find('/l11'))?.size, 12);
    assert.deepEqual(await names(trial), ['l1', 'l11', 'l4095', 'l5']);
  });

  it('are there after a restart, sent or not', limit, async (t) => {
    const trial = new CacheTrial(t);
    await link(trial, 'l', 'to');
    await trial.reopen();
    assert.equal(await target(trial, '/l'), 'to');
    await trial.cache.drain();
    await trial.reopen();
    assert.equal(await target(trial, '/l'), 'to');
  });

  it('of others are seen in a listing, and their targets fetched when they are read', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/l.rclonelink', Buffer.from('theirs'));
    assert.deepEqual(await names(trial), ['l']);
    assert.equal(trial.calls('read').length + trial.calls('stat').length, 0);
    assert.equal(await target(trial, '/l'), 'theirs');
    assert.equal(await trial.find('/l.rclonelink'), undefined);
  });

  it('are plain files where the name is taken, or where no link can be so long', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/l', Buffer.from('file'));
    await writeBytes(trial.store, '/l.rclonelink', Buffer.from('text'));
    await writeBytes(trial.store, '/long.rclonelink', Buffer.alloc(4096, 'x'));
    await writeBytes(trial.store, '/empty.rclonelink', Buffer.alloc(0));
    await writeBytes(trial.store, '/.rclonelink', Buffer.from('x'));
    const plain = ['.rclonelink', 'empty.rclonelink', 'l', 'l.rclonelink', 'long.rclonelink'];
    assert.deepEqual(await names(trial), plain);
    for (const name of plain) assert.equal((await trial.find(`/${name}`))?.link, false, name);
  });

  it('become plain files when their name appears at the store', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 1 });
    await link(trial, 'l', 'to');
    await trial.cache.drain();
    await writeBytes(trial.store, '/l', Buffer.from('file'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await names(trial), ['l', 'l.rclonelink']);
    assert.equal((await trial.find('/l'))?.size, 4);
    assert.equal(await trial.text('/l.rclonelink'), 'to');
  });

  it('become plain files when they are replaced by something longer', limit, async (t) => {
    const trial = new CacheTrial(t, { metadataTime: 1 });
    await writeBytes(trial.store, '/l.rclonelink', Buffer.from('to'));
    const number = await trial.id('/l');
    await writeBytes(trial.store, '/l.rclonelink', Buffer.alloc(5000, 'x'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await names(trial), ['l.rclonelink']);
    assert.equal(await trial.id('/l.rclonelink'), number);
  });

  it('refuse targets that are none', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (const to of ['', 'x'.repeat(4096), 'a\0b'])
      await assert.rejects(async () => link(trial, 'l', to), { code: 'InvalidPath' });
    await assert.rejects(async () => link(trial, 'x'.repeat(245), 'to'), { code: 'InvalidPath' });
    await link(trial, 'x'.repeat(244), 'to');
    await writeBytes(trial.store, '/bad.rclonelink', new Uint8Array([0x61, 0x00]));
    const fresh = new CacheTrial(t, { store: trial.store });
    await assert.rejects(target(fresh, '/bad'), { code: 'Corrupt' });
  });

  it('of a conflict keep both', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.find('/l');
    await link(trial, 'l', 'ours');
    await writeBytes(trial.store, '/l.rclonelink', Buffer.from('theirs'));
    await trial.cache.drain();
    assert.equal(await target(trial, '/l'), 'theirs');
    const copy = (await names(trial)).find((name) => name.includes('conflicted copy')) ?? '';
    assert.equal(await target(trial, `/${copy}`), 'ours');
  });

  it('are files under their names at the store for programs that use the store', limit, async (t) => {
    const trial = new CacheTrial(t, { store: new MemoryStore() });
    await link(trial, 'l', 'to');
    assert.deepEqual(await contentsOf(trial.cache), { '/l.rclonelink': 'to' });
    await trial.cache.move('/l.rclonelink', '/plain');
    assert.equal((await trial.find('/plain'))?.link, false);
  });
});
