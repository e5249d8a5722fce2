import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { writeBytes } from '../store/operations.ts';
import type { NodeListing } from './node-tree.ts';

const limit = { timeout: 60_000 };

/** Three rows more than are read at once. */
const many = 1003;

async function knownDirectory(t: TestContext, files: number): Promise<{ trial: CacheTrial; directory: number }> {
  const trial = new CacheTrial(t);
  for (let i = 0; i < files; i++) await writeBytes(trial.store, `/d/f${i}`, 'x');
  const directory = await trial.id('/d');
  await trial.tree.list(directory);
  return { trial, directory };
}

/** All names; `change` is called before each is read. */
async function readOn(listing: NodeListing, change: (position: number) => Promise<void>): Promise<string[]> {
  const names: string[] = [];
  for (let position = 0; ; position++) {
    while (position >= listing.length && !listing.isWhole) await listing.more();
    if (position >= listing.length) return names;
    await change(position);
    const name = listing.at(position)?.shownName;
    if (name !== undefined) names.push(name);
  }
}

describe('reading a directory', () => {
  it('of which nothing is in memory begins with its first rows', limit, async (t) => {
    const { trial, directory } = await knownDirectory(t, many);
    await trial.reopen();
    const listing = trial.tree.readDirectory(directory);
    assert.ok(!(listing instanceof Promise), 'nobody waits');
    assert.ok(listing.length > 0 && !listing.isWhole);
    const names = await readOn(listing, async () => {});
    assert.equal(new Set(names).size, many);
    assert.equal(names.length, many);
    assert.equal(trial.calls('list').filter(({ path }) => path === '/d').length, 1);
  });

  it('of which nothing is in memory is completed by who needs it now', limit, async (t) => {
    const { trial, directory } = await knownDirectory(t, many);
    await trial.reopen();
    const listing = await trial.tree.readDirectory(directory);
    await trial.remove('/d/f5');
    await trial.rename('/d/f6', '/d/g');
    const names = await readOn(listing, async () => {});
    assert.equal(names.length, many - 1);
    assert.ok(names.includes('g') && !names.includes('f5') && !names.includes('f6'));
  });

  it('finds a name whose file was replaced, once', limit, async (t) => {
    const { trial, directory } = await knownDirectory(t, 5);
    const listing = await trial.tree.readDirectory(directory);
    await trial.save('/d/new', 'x');
    await trial.rename('/d/new', '/d/f1');
    await trial.rename('/d/f3', '/d/f2');
    const names = await readOn(listing, async () => {});
    assert.deepEqual(names, ['f0', 'f1', 'f2', 'f4']);
  });

  it('finds what is renamed where it was, or where it is', limit, async (t) => {
    const { trial, directory } = await knownDirectory(t, 3);
    const listing = await trial.tree.readDirectory(directory);
    const names = await readOn(listing, (position) => trial.rename(`/d/f${position}`, `/d/g${position}`));
    assert.deepEqual(names, ['g0', 'g1', 'g2']);
  });

  it('tells a name once that two files have one after the other', limit, async (t) => {
    const { trial, directory } = await knownDirectory(t, 3);
    const listing = await trial.tree.readDirectory(directory);
    const names = await readOn(listing, async (position) => {
      if (position === 0) await trial.rename('/d/f0', '/d/g');
      if (position === 1) await trial.rename('/d/g', '/h');
      if (position === 2) await trial.rename('/d/f2', '/d/g');
    });
    assert.deepEqual(names, ['g', 'f1']);
  });

  for (let run = 0; run < runsOr(20); run++)
    it(`finds every name that is there all the time exactly once, seed ${seed + run}`, limit, async (t) => {
      const random = seededRandom(seed + run);
      const below = (most: number): number => Math.floor(random() * most);
      const { trial, directory } = await knownDirectory(t, 40);
      const listing = await trial.tree.readDirectory(directory);
      const lasting = new Set(Array.from({ length: 40 }, (_, index) => `f${index}`));
      const found = await readOn(listing, async (position) => {
        const [one, other] = [`f${below(45)}`, `f${below(45)}`];
        const chance = below(5);
        if (chance === 0) lasting.delete(one);
        // A name that another file takes over is there all the time, the name that this one had is not.
        if (chance === 1 && one !== other) lasting.delete(one);
        if ((await trial.find(`/d/${one}`)) === undefined) return;
        if (chance === 0) await trial.remove(`/d/${one}`);
        if (chance === 1 && one !== other) await trial.rename(`/d/${one}`, `/d/${other}`);
        if (chance === 2) {
          await trial.save(`/d/temporary ${position}`, 'x');
          await trial.rename(`/d/temporary ${position}`, `/d/${one}`);
        }
      });
      for (const name of lasting) assert.equal(found.filter((one) => one === name).length, 1, name);
      assert.equal(new Set(found).size, found.length, 'no name comes twice');
    });
});
