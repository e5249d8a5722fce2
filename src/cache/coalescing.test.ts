import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 20_000 };

describe('what is sent of many changes', () => {
  it('create and delete send nothing', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/a', 'x');
    await trial.makeDirectory('/d');
    await trial.save('/d/b', 'x');
    await trial.remove('/a');
    await trial.remove('/d/b');
    await trial.remove('/d', 'directory');
    assert.deepEqual(trial.cache.pending(), []);
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), []);
  });

  it(
    'a temporary name renamed over a file is one upload, conditional on the version that was known',
    limit,
    async (t) => {
      const trial = new CacheTrial(t);
      const { revision } = await writeBytes(trial.store, '/report.txt', 'old');
      assert.equal(await trial.text('/report.txt'), 'old');
      await trial.save('/.report.tmp', 'new');
      await trial.rename('/.report.tmp', '/report.txt');
      await trial.cache.drain();
      assert.deepEqual(trial.sent(), ['write /report.txt']);
      assert.equal(trial.calls('write')[0]?.options.ifRevision, revision);
      assert.deepEqual(await contentsOf(trial.store), { '/report.txt': 'new' });
    },
  );

  it('a hundred saves within the delay are one upload of the last', limit, async (t) => {
    const trial = new CacheTrial(t, { uploadDelay: 300 });
    for (let i = 1; i <= 100; i++) await trial.save('/log', `save ${i}`);
    await until(() => trial.cache.pending().length === 0);
    assert.deepEqual(trial.sent(), ['write /log']);
    assert.deepEqual(await contentsOf(trial.store), { '/log': 'save 100' });
  });

  it('a renamed directory of 1,000 files is one move, and its files stay cached', limit, async (t) => {
    const trial = new CacheTrial(t);
    for (let i = 0; i < 1000; i++) await writeBytes(trial.store, `/old/${i}`, `content ${i}`);
    for (let i = 0; i < 1000; i++) await trial.text(`/old/${i}`);
    const numbers = await Promise.all([0, 500, 999].map((i) => trial.id(`/old/${i}`)));
    trial.seen.length = 0;
    await trial.rename('/old', '/new');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['move /old /new']);
    for (let i = 0; i < 1000; i++) assert.equal(await trial.text(`/new/${i}`), `content ${i}`);
    assert.deepEqual(await Promise.all([0, 500, 999].map((i) => trial.id(`/new/${i}`))), numbers);
    assert.equal(trial.calls('read').length, 0);
    assert.equal(Object.keys(await contentsOf(trial.store)).length, 1001);
  });

  it('an editor that keeps a backup while it writes sends one upload', limit, async (t) => {
    const trial = new CacheTrial(t);
    const { revision } = await writeBytes(trial.store, '/f', 'old');
    await trial.text('/f');
    await trial.rename('/f', '/f~');
    await trial.save('/f', 'new');
    await trial.remove('/f~');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['write /f']);
    assert.equal(trial.calls('write')[0]?.options.ifRevision, revision);
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'new' });
  });

  it('an editor that leaves its backup moves the old version and writes the new one', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/f', 'old');
    await trial.text('/f');
    await trial.rename('/f', '/f~');
    await trial.save('/f', 'new');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), ['move /f /f~', 'write /f']);
    assert.deepEqual(await contentsOf(trial.store), { '/f': 'new', '/f~': 'old' });
  });

  it('two names that are swapped stay two files', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/a', 'A');
    await writeBytes(trial.store, '/b', 'B');
    await trial.id('/a');
    await trial.tree.rename(trial.tree.root, 'a', trial.tree.root, 'b', { exchange: true });
    await trial.cache.drain();
    assert.deepEqual(await contentsOf(trial.store), { '/a': 'B', '/b': 'A' });
    assert.equal(trial.calls('write').length, 0);
  });

  it('a change and its undoing send nothing', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/d/a', 'A');
    await trial.id('/d/a');
    await trial.rename('/d', '/e');
    await trial.rename('/e/a', '/a');
    await trial.rename('/a', '/e/a');
    await trial.rename('/e', '/d');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), []);
  });
});
