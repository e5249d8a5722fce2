import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import type { Call } from '../store/intercept.ts';
import type { Metadata } from '../store/store.ts';

const limit = { timeout: 30_000 };

async function chmod(trial: CacheTrial, path: string, mode: number): Promise<void> {
  trial.tree.setAttributes(await trial.id(path), { mode });
}

async function setAttribute(trial: CacheTrial, path: string, name: string, value?: string): Promise<void> {
  trial.tree.setAttribute(await trial.id(path), name, value === undefined ? undefined : Buffer.from(value));
}

/** The mode in octal and the attributes, as the tree shows them. */
async function shown(trial: CacheTrial, path: string): Promise<[string, Record<string, string>]> {
  const node = await trial.find(path);
  const attributes = [...(node?.attributes ?? [])].map(([name, value]) => [name, Buffer.from(value).toString()]);
  return [(node?.mode ?? 0).toString(8), Object.fromEntries(attributes) as Record<string, string>];
}

async function stored(trial: CacheTrial, path: string): Promise<Metadata | undefined> {
  const entry = await trial.store.stat(path);
  return entry.kind === 'file' ? entry.metadata : undefined;
}

/** A file `a` that the store has, known to the cache. */
async function withFile(
  t: TestContext,
  metadata: Metadata = {},
  store: MemoryStore = new MemoryStore({ metadataListed: false }),
): Promise<CacheTrial> {
  await store.write('/a', new Blob(['text']), { metadata });
  const trial = new CacheTrial(t, { store });
  await trial.find('/a');
  trial.seen.length = 0;
  return trial;
}

describe('modes and extended attributes that are sent', () => {
  it('go with the content of a new file, and a usual mode not at all', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/plain', 'x');
    await trial.save('/script', 'x');
    await chmod(trial, '/script', 0o755);
    await setAttribute(trial, '/script', 'user.comment', 'ä b');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['write /plain', 'write /script']);
    assert.deepEqual(await stored(trial, '/plain'), {});
    assert.deepEqual(await stored(trial, '/script'), { mode: '100755', comment: 'ä b' });
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('of a file that the store has go alone, a hundred changes in one request', limit, async (t) => {
    const trial = await withFile(t);
    for (let i = 0; i < 100; i++) await chmod(trial, '/a', 0o600 + (i % 8));
    await setAttribute(trial, '/a', 'user.x', '1');
    assert.deepEqual(
      trial.cache.pending().map(({ change, size }) => [change, size]),
      [['attributes', 0]],
    );
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['setMetadata /a']);
    assert.deepEqual(await stored(trial, '/a'), { mode: '100603', x: '1' });
  });

  it('ride on an upload, and follow a rename', limit, async (t) => {
    const trial = await withFile(t);
    await chmod(trial, '/a', 0o755);
    await trial.save('/a', 'more');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['write /a']);
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755' });
    await chmod(trial, '/a', 0o700);
    await trial.makeDirectory('/d');
    await trial.rename('/a', '/d/b');
    await trial.cache.drain();
    assert.deepEqual(trial.sent().slice(1), ['makeDirectory /d', 'move /a /d/b', 'setMetadata /d/b']);
    assert.deepEqual(await stored(trial, '/d/b'), { mode: '100700' });
  });

  it('are not sent when they are again what the store has', limit, async (t) => {
    const trial = await withFile(t, { mode: '100755' });
    await trial.text('/a');
    await chmod(trial, '/a', 0o700);
    await chmod(trial, '/a', 0o755);
    await setAttribute(trial, '/a', 'user.x', '1');
    await setAttribute(trial, '/a', 'user.x');
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('leave alone what others keep beside them', limit, async (t) => {
    const trial = await withFile(t, { uid: '12', owner: 'somebody', mode: '100600' });
    await chmod(trial, '/a', 0o644);
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { uid: '12', owner: 'somebody' });
    await trial.save('/a', 'written over, and never read');
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { uid: '12', owner: 'somebody' });
  });

  it('are kept when a file is written over that nobody has read', limit, async (t) => {
    const trial = await withFile(t, { mode: '100755', x: '1' });
    await trial.save('/a', 'new');
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755', x: '1' });
    assert.deepEqual(await shown(trial, '/a'), ['755', { 'user.x': '1' }]);
  });

  it('of a change while they are sent are sent again', limit, async (t) => {
    const trial = await withFile(t);
    await chmod(trial, '/a', 0o755);
    trial.faults.pause(({ operation }) => operation === 'setMetadata');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await chmod(trial, '/a', 0o644);
    trial.faults.resume();
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), {});
  });

  it('outlive a restart, sent or not', limit, async (t) => {
    const trial = await withFile(t);
    await chmod(trial, '/a', 0o755);
    await setAttribute(trial, '/a', 'user.x', '1');
    await setAttribute(trial, '/a', 'user.Not A Name', 'kept here');
    for (const _ of [1, 2]) {
      await trial.reopen();
      const attributes = { 'user.x': '1', 'user.Not A Name': 'kept here' };
      assert.deepEqual(await shown(trial, '/a'), ['755', attributes]);
      await trial.cache.drain();
    }
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755', x: '1' });
  });
});

describe('modes and extended attributes of others', () => {
  it('come with the content, and are announced', limit, async (t) => {
    const trial = await withFile(t, { mode: '100755', x: '1' });
    const announced: string[] = [];
    trial.tree.onChange(({ kind }) => announced.push(kind));
    assert.deepEqual(await shown(trial, '/a'), ['644', {}]);
    await trial.text('/a');
    assert.deepEqual(await shown(trial, '/a'), ['755', { 'user.x': '1' }]);
    assert.deepEqual(announced, ['attributes']);
    assert.deepEqual(trial.calls('stat'), []);
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('come with a listing that tells them, and again when they change', limit, async (t) => {
    const store = new MemoryStore({ metadataListed: true });
    const trial = await withFile(t, { mode: '100755' }, store);
    assert.deepEqual(await shown(trial, '/a'), ['755', {}]);
    await trial.reopen({ metadataTime: 1 });
    await store.setMetadata('/a', { mode: '100700' });
    await until(async () => (await shown(trial, '/a'))[0] === '700');
  });

  it('do not take back what was changed here', limit, async (t) => {
    const trial = await withFile(t, { mode: '100755', x: '1', y: '2' });
    await setAttribute(trial, '/a', 'user.x', 'ours');
    await trial.text('/a');
    assert.deepEqual(await shown(trial, '/a'), ['755', { 'user.x': 'ours', 'user.y': '2' }]);
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755', x: 'ours', y: '2' });
  });

  it('of a file that was replaced meanwhile stay its own, and ours are set on top', limit, async (t) => {
    const trial = await withFile(t);
    await chmod(trial, '/a', 0o755);
    await trial.store.write('/a', new Blob(['theirs']), { metadata: { x: '1' } });
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755', x: '1' });
    assert.equal(await trial.text('/a'), 'theirs');
    assert.deepEqual(trial.cache.problems(), []);
  });
});

describe('modes and extended attributes that a store does not take', () => {
  it('stay here in silence where it takes none', limit, async (t) => {
    const trial = await withFile(t, {}, new MemoryStore({ metadata: 'none', metadataListed: false }));
    await chmod(trial, '/a', 0o755);
    await setAttribute(trial, '/a', 'user.x', '1');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), []);
    await trial.text('/a');
    await trial.reopen();
    assert.deepEqual(await shown(trial, '/a'), ['755', { 'user.x': '1' }]);
    assert.deepEqual([trial.cache.pending(), trial.cache.problems()], [[], []]);
  });

  it('stay here while the mode is sent, where it takes modes only', limit, async (t) => {
    const trial = await withFile(t, {}, new MemoryStore({ metadata: 'mode', metadataListed: false }));
    await chmod(trial, '/a', 0o755);
    await setAttribute(trial, '/a', 'user.x', '1');
    await trial.cache.drain();
    await trial.text('/a');
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755' });
    assert.deepEqual(await shown(trial, '/a'), ['755', { 'user.x': '1' }]);
    await trial.save('/new', 'x');
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/new'), { mode: '100644' });
    assert.deepEqual([trial.cache.pending(), trial.cache.problems()], [[], []]);
  });

  it('stay here while the mode is sent, where they are too large', limit, async (t) => {
    const trial = await withFile(t, { y: '2' }, new MemoryStore({ maxMetadataBytes: 100, metadataListed: false }));
    await chmod(trial, '/a', 0o755);
    await setAttribute(trial, '/a', 'user.x', 'x'.repeat(100));
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755', y: '2' });
    await trial.text('/a');
    assert.deepEqual(await shown(trial, '/a'), ['755', { 'user.x': 'x'.repeat(100), 'user.y': '2' }]);
    assert.deepEqual(trial.cache.pending(), []);
    await setAttribute(trial, '/a', 'user.x', 'small');
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755', x: 'small', y: '2' });
  });

  it('are refused once, told once, and hold up nothing', limit, async (t) => {
    const trial = await withFile(t);
    const refuse = ({ operation }: Call): StoreError | undefined =>
      operation === 'setMetadata' ? new StoreError('Unsupported', { message: 'not here' }) : undefined;
    trial.faults.fail = refuse;
    await chmod(trial, '/a', 0o755);
    await trial.cache.drain();
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['setMetadata /a']);
    assert.deepEqual(
      trial.cache.problems().map(({ kind, path }) => [kind, path]),
      [['attributes', '/a']],
    );
    await trial.text('/a');
    assert.deepEqual(await shown(trial, '/a'), ['755', {}]);
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('do not hold up the content that they go with', limit, async (t) => {
    const trial = await withFile(t);
    trial.faults.fail = (call) => {
      const isRefused = call.operation === 'write' && Object.keys(call.options.metadata ?? {}).length > 0;
      return isRefused ? new StoreError('Unsupported') : undefined;
    };
    await trial.save('/new', 'content');
    await chmod(trial, '/new', 0o755);
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'text', '/new': 'content' });
    assert.deepEqual(await shown(trial, '/new'), ['755', {}]);
    assert.equal(trial.cache.problems().length, 1);
  });
});

describe('modes whose answer was lost', () => {
  it('make no conflict with a later change of the content', limit, async (t) => {
    const trial = await withFile(t);
    await chmod(trial, '/a', 0o755);
    trial.faults.lostAnswerRate = 1;
    const drained = trial.cache.drain();
    await until(() => trial.seen.some(({ call, outcome }) => call.operation === 'setMetadata' && outcome === 'failed'));
    trial.faults.heal();
    await trial.save('/a', 'ours');
    await Promise.all([drained, trial.cache.drain()]);
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'ours' });
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755' });
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('are found to be there', limit, async (t) => {
    const trial = await withFile(t);
    await trial.text('/a');
    await chmod(trial, '/a', 0o755);
    trial.faults.lostAnswerRate = 1;
    await trial.cache.drain();
    trial.faults.heal();
    trial.seen.length = 0;
    assert.deepEqual(await stored(trial, '/a'), { mode: '100755' });
    assert.deepEqual([trial.cache.pending(), trial.cache.problems()], [[], []]);
    assert.equal(await trial.text('/a'), 'text');
    assert.deepEqual(trial.calls('read'), [], 'the content is kept');
  });

  it('of a move leave alone what was not known', limit, async (t) => {
    const trial = await withFile(t, { mode: '100755' });
    trial.faults.lostAnswerRate = 1;
    await trial.rename('/a', '/b');
    await trial.cache.drain().catch(() => undefined);
    trial.faults.heal();
    await trial.cache.drain();
    assert.deepEqual(await stored(trial, '/b'), { mode: '100755' });
    assert.deepEqual(await shown(trial, '/b'), ['755', {}]);
  });
});
