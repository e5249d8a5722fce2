import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import type { TreeNode } from './node-tree.ts';
import { readText, writeBytes } from '../store/operations.ts';

const limit = { timeout: 20_000 };

it('after a kill, the account of the bytes counts what was written and not committed', limit, async (t) => {
  const trial = new CacheTrial(t);
  await trial.save('/f', 'four');
  const file = await trial.open('/f', true);
  await file.write(4, Buffer.from(' and more'));
  const killed = new CacheTrial(t, { directory: trial.copyOfDirectory() });
  file.release();
  assert.equal(await killed.text('/f'), 'four and more');
  assert.equal(killed.cache.statistics().cachedBytes, 13);
});

it('bytes that are missing on disk are not counted', limit, async (t) => {
  const trial = new CacheTrial(t, { inlineBytes: 0 });
  await writeBytes(trial.store, '/f', 'content');
  assert.equal(await trial.text('/f'), 'content');
  await trial.save('/unsent', 'lost');
  assert.equal(trial.cache.statistics().cachedBytes, 11);
  const directory = trial.copyOfDirectory();
  for (const folder of readdirSync(join(directory, 'data')))
    rmSync(join(directory, 'data', folder), { recursive: true });
  const damaged = new CacheTrial(t, { directory, store: trial.store });
  assert.equal(damaged.cache.statistics().cachedBytes, 0);
  assert.deepEqual(
    damaged.cache.problems().map(({ kind, path }) => [kind, path]),
    [['quarantined', '/unsent']],
  );
  assert.equal(await damaged.text('/f'), 'content');
});

describe('a data file that is shorter than what was committed', () => {
  /** The cache as it is after the disk has lost the end of its only data file. */
  function shortened(t: TestContext, trial: CacheTrial): CacheTrial {
    const directory = trial.copyOfDirectory();
    const [file, ...others] = dataFilesIn(directory);
    assert.deepEqual(others, []);
    truncateSync(file as string, 3);
    return new CacheTrial(t, { directory, store: trial.store, inlineBytes: 0 });
  }

  it('is what is left of a file that was not sent, and told of', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'content');
    const again = shortened(t, trial);
    assert.equal(await again.text('/f'), 'con');
    const [problem] = again.cache.problems();
    assert.deepEqual([problem?.kind, problem?.path], ['quarantined', '/f']);
    assert.match(problem?.message ?? '', /3 of its 7 bytes/);
  });

  it('is fetched again where the store has the file', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/f', 'content');
    await trial.cache.drain();
    await trial.rename('/f', '/g');
    const again = shortened(t, trial);
    assert.equal(await again.text('/g'), 'content');
    assert.deepEqual(again.cache.problems(), []);
  });
});

/** The data files below the directory of a cache. */
function dataFilesIn(directory: string): string[] {
  const entries = readdirSync(join(directory, 'data'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('what was appended to a file that is not whole here, and not committed, is not looked for at the store', () => {
  const content = 'from the store';
  for (const [name, cut] of [
    ['at its end', content.length],
    ['after it was cut', 4],
  ] as const) {
    it(name, limit, async (t) => {
      const trial = new CacheTrial(t, { inlineBytes: 0 });
      await writeBytes(trial.store, '/f', content);
      const file = await trial.open('/f', true);
      trial.faults.offline = true;
      if (cut < content.length) await trial.cache.tree.truncate(((await trial.find('/f')) as TreeNode).id, cut);
      await file.write(cut, Buffer.from(', and'));
      const directory = trial.copyOfDirectory();
      file.release();
      const [dataFile, ...others] = dataFilesIn(directory);
      assert.ok(dataFile !== undefined && others.length === 0);
      // As a kill leaves it between the write into the data file and the commit of its row.
      appendFileSync(dataFile, ' more');
      const killed = new CacheTrial(t, { inlineBytes: 0, directory, store: trial.store });
      const expected = `${content.slice(0, cut)}, and more`;
      assert.equal(await killed.text('/f'), expected);
      await killed.cache.drain();
      assert.equal(await readText(trial.store, '/f'), expected);
    });
  }
});
