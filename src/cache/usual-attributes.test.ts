import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };
const one = { fileMode: 0o640, directoryMode: 0o750, uid: 7, gid: 8 };
const other = { fileMode: 0o600, directoryMode: 0o700, uid: 9, gid: 10 };

async function shown(trial: CacheTrial, path: string): Promise<string> {
  const node = await trial.find(path);
  return `${node?.mode.toString(8)} ${node?.uid}:${node?.gid}`;
}

describe('usual modes and owners', () => {
  it('are those of the root, and of what the store tells no mode of', limit, async (t) => {
    const store = new MemoryStore();
    await writeBytes(store, '/d/f', new Uint8Array(1));
    await store.write('/d/g', new Blob(['x']), { metadata: { mode: '100755' } });
    const trial = new CacheTrial(t, { store, ...one });
    assert.equal(await shown(trial, '/'), '750 7:8');
    assert.equal(await shown(trial, '/d'), '750 7:8');
    assert.equal(await shown(trial, '/d/f'), '640 7:8');
    assert.equal(await shown(trial, '/d/g'), '755 7:8');
  });

  it('follow the options of the next opening, but for what somebody changed', limit, async (t) => {
    const store = new MemoryStore();
    for (const name of ['f', 'changed', 'set']) await writeBytes(store, `/${name}`, new Uint8Array(1));
    await store.makeDirectory('/d');
    const trial = new CacheTrial(t, { store, ...one });
    trial.tree.setAttributes(await trial.id('/changed'), { mode: 0o755, uid: 1 });
    trial.tree.setAttributes(await trial.id('/set'), { mode: 0o755 });
    await trial.cache.drain();
    trial.tree.setAttributes(await trial.id('/set'), { mode: 0o640 });
    await trial.reopen(other);
    assert.equal(await shown(trial, '/'), '700 9:10');
    assert.equal(await shown(trial, '/d'), '700 9:10');
    assert.equal(await shown(trial, '/f'), '600 9:10');
    assert.equal(await shown(trial, '/changed'), '755 1:10');
    assert.equal(await shown(trial, '/set'), '640 9:10');
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('are not sent', limit, async (t) => {
    const trial = new CacheTrial(t, one);
    const { id } = await trial.tree.createFile(trial.tree.root, 'f', { mode: 0o640, uid: 7, gid: 8 });
    const { id: open } = await trial.tree.createFile(trial.tree.root, 'g', { mode: 0o644, uid: 7, gid: 8 });
    assert.notEqual(id, open);
    await trial.cache.drain();
    const modes = await Promise.all(['/f', '/g'].map((path) => trial.store.stat(path)));
    assert.deepEqual(
      modes.map((entry) => 'metadata' in entry && entry.metadata),
      [{}, { mode: '100644' }],
    );
  });
});

describe('a strict cache', () => {
  it('refuses what its store does not keep', limit, async (t) => {
    const store = new MemoryStore({ metadata: 'none' });
    const trial = new CacheTrial(t, { store, strictPosix: true, uid: 1000, gid: 1000 });
    const { tree } = trial;
    const { id, mode } = await tree.createFile(tree.root, 'f', { mode: 0o755, uid: 1000, gid: 1000 });
    const directory = await tree.makeDirectory(tree.root, 'd', { mode: 0o700, uid: 1000, gid: 1000 });
    assert.deepEqual([mode, directory.mode], [0o644, 0o755]);
    const refused = [
      () => tree.setAttributes(id, { mode: 0o755 }),
      () => tree.setAttributes(directory.id, { mode: 0o700 }),
      () => tree.setAttributes(id, { uid: 1 }),
      () => tree.setAttribute(id, 'user.x', Buffer.from('1')),
    ];
    for (const call of refused) assert.throws(call, { code: 'Unsupported' }, call.toString());
    tree.setAttributes(id, { mode: 0o644, uid: 1000, modified: 1 });
    tree.setAttributes(directory.id, { mode: 0o755 });
    await tree.makeLink(tree.root, 'l', 'f', { mode: 0o777, uid: 1000, gid: 1000 });
  });

  it('takes what its store keeps', limit, async (t) => {
    const store = new MemoryStore({ maxMetadataBytes: 100 });
    const trial = new CacheTrial(t, { store, strictPosix: true });
    const { tree } = trial;
    const { id, mode } = await tree.createFile(tree.root, 'f', { mode: 0o755, uid: 1000, gid: 1000 });
    assert.equal(mode, 0o755);
    tree.setAttributes(id, { mode: 0o700 });
    tree.setAttribute(id, 'user.x', Buffer.from('1'));
    assert.throws(() => tree.setAttributes(id, { mode: 0o4700 }), { code: 'Unsupported' });
    assert.throws(() => tree.setAttribute(id, 'user.X', Buffer.from('1')), { code: 'Unsupported' });
    assert.throws(() => tree.setAttribute(id, 'user.y', Buffer.alloc(1)), { code: 'Unsupported' });
    assert.throws(() => tree.setAttribute(id, 'user.y', Buffer.alloc(100, 'x')), { code: 'QuotaExceeded' });
    tree.setAttribute(id, 'user.x', undefined);
    await trial.cache.drain();
    const entry = await store.stat('/f');
    assert.deepEqual('metadata' in entry && entry.metadata, { mode: '100700' });
  });
});
