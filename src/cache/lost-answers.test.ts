import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import { DrainError } from './drain-error.ts';

const limit = { timeout: 30_000 };

/** Loses the answers of the changes that are made from now on, of one after the other once. */
function loseEachAnswerOnce(trial: CacheTrial): void {
  trial.faults.lostAnswerRate = 1;
  const seen = new Set<string>();
  trial.faults.fail = ({ operation, path }) => {
    const call = `${operation} ${path}`;
    trial.faults.lostAnswerRate = seen.has(call) ? 0 : 1;
    seen.add(call);
    return undefined;
  };
}

describe('a change of ours whose answer was lost', () => {
  it('is not a conflict with itself', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    await writeBytes(trial.store, '/changed', 'old');
    await writeBytes(trial.store, '/removed', 'old');
    for (const path of ['/changed', '/removed']) await trial.text(path);
    loseEachAnswerOnce(trial);
    await trial.save('/changed', 'new');
    await trial.save('/created', 'created');
    await trial.remove('/removed');
    await trial.makeDirectory('/d');
    await trial.save('/d/f', 'f');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), {
      '/changed': 'new',
      '/created': 'created',
      '/d': null,
      '/d/f': 'f',
    });
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('nor when the file was changed again before the next try', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    await writeBytes(trial.store, '/f', 'old');
    await trial.text('/f');
    loseEachAnswerOnce(trial);
    await trial.save('/f', 'second');
    const drained = trial.cache.drain();
    await until(() => trial.cache.pending()[0]?.state === 'error');
    await trial.save('/f', 'third, longer');
    await drained;
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'third, longer' });
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('nor after a restart', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    await writeBytes(trial.store, '/f', 'old');
    await trial.text('/f');
    trial.faults.lostAnswerRate = 1;
    await trial.save('/f', 'second');
    const drained = assert.rejects(trial.cache.drain(), /closing/);
    await until(() => trial.cache.pending()[0]?.state === 'error');
    await trial.reopen();
    trial.faults.lostAnswerRate = 0;
    await trial.save('/f', 'third, longer');
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'third, longer' });
    assert.deepEqual(trial.cache.problems(), []);
    await drained;
  });

  it('is undone at the store when it is undone here, as metadata may be', limit, async (t) => {
    for (const modes of [true, false]) {
      const trial = new CacheTrial(t, { uploads: 1 });
      await trial.cache.write('/f', new Blob(['content']), { metadata: { x: '1' } });
      await trial.cache.drain();
      const change = (text: string): void | Promise<void> =>
        modes
          ? trial.tree.setAttributes(idOfFile, { mode: text === '1' ? 0o644 : 0o600 })
          : trial.cache.setMetadata('/f', { x: text }).then(() => undefined);
      const idOfFile = await trial.id('/f');
      loseEachAnswerOnce(trial);
      await change('2');
      const drained = trial.cache.drain();
      await until(() => trial.cache.pending()[0]?.state === 'error');
      await change('1');
      await drained;
      await trial.cache.drain();
      const entry = await trial.store.stat('/f');
      assert.deepEqual(entry.kind === 'file' && entry.metadata, { x: '1' });
      assert.deepEqual(trial.cache.pending(), []);
      assert.deepEqual(trial.cache.problems(), []);
    }
  });

  it('and a mode that was set meanwhile is sent, of a new file too', limit, async (t) => {
    for (const metadataListed of [true, false])
      for (const restarts of [true, false]) {
        const trial = new CacheTrial(t, { uploads: 1, store: new MemoryStore({ metadataListed }) });
        await trial.makeDirectory('/d');
        await trial.cache.drain();
        await trial.save('/d/f', 'content');
        loseEachAnswerOnce(trial);
        const drained = trial.cache.drain().catch((error: unknown) => assert.match(String(error), /closing/));
        await until(() => trial.cache.pending()[0]?.state === 'error');
        await trial.rename('/d', '/e');
        if (restarts) await trial.reopen();
        trial.tree.setAttributes(await trial.id('/e/f'), { mode: 0o755 });
        await drained;
        await trial.cache.drain();
        const entry = await trial.store.stat('/e/f');
        assert.deepEqual(entry.kind === 'file' && entry.metadata, { mode: '100755' });
        assert.deepEqual(trial.cache.pending(), []);
      }
  });

  it('a move of a file keeps its number and its open readers, cached or not', limit, async (t) => {
    for (const cached of [true, false]) {
      await t.test(cached ? 'cached' : 'not cached', async (each) => {
        const trial = new CacheTrial(each, { uploads: 1 });
        await writeBytes(trial.store, '/d/f', 'content');
        await writeBytes(trial.store, '/e/other', 'other');
        await trial.id('/e/other');
        if (cached) await trial.text('/d/f');
        const number = await trial.id('/d/f');
        const file = await trial.open('/d/f');
        loseEachAnswerOnce(trial);
        await trial.rename('/d/f', '/e/f');
        await trial.cache.drain();
        assert.equal(await trial.id('/e/f'), number);
        assert.equal(Buffer.from(await readFrom(file, 0, 7)).toString(), 'content');
        file.release();
        assert.deepEqual(await contentsOf(trial.store), {
          '/d': null,
          '/e': null,
          '/e/f': 'content',
          '/e/other': 'other',
        });
        assert.equal(trial.calls('write').length, 0);
        assert.deepEqual(trial.cache.problems(), []);
      });
    }
  });

  it('a move is looked for at once, also after a restart', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    await writeBytes(trial.store, '/d/f', 'content');
    const number = await trial.id('/d/f');
    trial.faults.lostAnswerRate = 1;
    await trial.rename('/d/f', '/g');
    const drained = assert.rejects(trial.cache.drain(), /closing/);
    await until(() => trial.cache.pending()[0]?.state === 'error');
    await trial.reopen();
    await drained;
    trial.faults.lostAnswerRate = 0;
    assert.equal(await trial.text('/g'), 'content');
    assert.equal(await trial.id('/g'), number);
    assert.deepEqual(trial.cache.pending(), []);
    assert.deepEqual(await contentsOf(trial.store), { '/d': null, '/g': 'content' });
  });

  it('a move of a directory keeps what is in it', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    await writeBytes(trial.store, '/d/f', 'content');
    await trial.text('/d/f');
    const numbers = [await trial.id('/d'), await trial.id('/d/f')];
    loseEachAnswerOnce(trial);
    await trial.rename('/d', '/e');
    await trial.cache.drain();
    assert.deepEqual([await trial.id('/e'), await trial.id('/e/f')], numbers);
    trial.seen.length = 0;
    assert.equal(await trial.text('/e/f'), 'content');
    assert.equal(trial.calls('read').length, 0);
    assert.deepEqual(await contentsOf(trial.store), { '/e': null, '/e/f': 'content' });
  });

  it('swapped names stay two files', limit, async (t) => {
    const trial = new CacheTrial(t, { uploads: 1 });
    await writeBytes(trial.store, '/a', 'A');
    await writeBytes(trial.store, '/b', 'B');
    const [a, b] = [await trial.id('/a'), await trial.id('/b')];
    loseEachAnswerOnce(trial);
    await trial.tree.rename(trial.tree.root, 'a', trial.tree.root, 'b', { exchange: true });
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'B', '/b': 'A' });
    assert.deepEqual([await trial.id('/b'), await trial.id('/a')], [a, b]);
    assert.deepEqual(Object.keys(await contentsOf(trial.cache)), ['/a', '/b']);
  });
});

describe('a file that was changed here before all of it was fetched', () => {
  it('is told when the store lost the rest, and nothing is made up', limit, async (t) => {
    for (const how of ['changed', 'deleted']) {
      await t.test(how, async (each) => {
        const store = new MemoryStore();
        const trial = new CacheTrial(each, { store, metadataTime: 1 });
        await writeBytes(store, '/f', Buffer.alloc(1 << 20, 'old'));
        const file = await trial.open('/f', true);
        trial.faults.offline = true;
        await file.write(100_000, Buffer.from('edited'));
        file.release();
        if (how === 'changed') await writeBytes(store, '/f', 'theirs');
        else await store.delete('/f');
        trial.faults.offline = false;
        await assert.rejects(trial.cache.drain(), DrainError);
        assert.deepEqual(await contentsOf(store), how === 'changed' ? { '/f': 'theirs' } : {});
        assert.deepEqual(
          trial.cache.problems().map(({ kind, path }) => [kind, path]),
          [['upload', '/f']],
        );
        assert.equal(trial.cache.pending()[0]?.state, 'error');
        const again = await trial.open('/f');
        assert.equal(Buffer.from(await readFrom(again, 100_000, 6)).toString(), 'edited');
        await assert.rejects(async () => readFrom(again, 500_000, 6));
        again.release();
        await assert.rejects(readBytes(trial.cache, '/f'));
        await trial.remove('/f');
        await trial.cache.drain();
        assert.deepEqual(await contentsOf(store), how === 'changed' ? { '/f': 'theirs' } : {});
      });
    }
  });
});
