import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';
import { atOnce } from './turns.ts';

const many = 1000;

/** A cache over a store with many files, all of them known, which lists anew whenever it is asked. */
async function knownTrial(t: TestContext): Promise<CacheTrial> {
  const store = new MemoryStore();
  for (let i = 0; i < many; i++) await writeBytes(store, `/f${i}`, 'old');
  const trial = new CacheTrial(t, { store, metadataTime: 1 });
  assert.equal((await list(trial)).length, many);
  return trial;
}

/** The names in the root after a listing that began now. */
async function list({ tree }: CacheTrial): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 3));
  return (await tree.list(tree.root)).map(({ shownName }) => shownName);
}

/** How many changes were told in each turn of the event loop while `work` ran. */
async function changesByTurn(trial: CacheTrial, work: () => Promise<unknown>): Promise<number[]> {
  const counts = [0];
  const end = trial.tree.onChange(() => void (counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1));
  let timer = setImmediate(function turn() {
    counts.push(0);
    timer = setImmediate(turn);
  });
  await work();
  clearImmediate(timer);
  end();
  return counts.filter((count) => count > 0);
}

/** Does something as soon as the merge of the next listing has told its first change. */
async function whileMerging(trial: CacheTrial, work: () => Promise<unknown>): Promise<string[]> {
  let done: Promise<unknown> | undefined;
  const end = trial.tree.onChange(() => {
    done ??= Promise.resolve().then(work);
  });
  const names = await list(trial);
  end();
  assert.ok(done !== undefined, 'nothing changed');
  await done;
  return names;
}

describe('a long listing', { timeout: 60_000 }, () => {
  it('lets the event loop turn while it is brought into the tree', async (t) => {
    const trial = await knownTrial(t);
    for (let i = 0; i < many; i++) await writeBytes(trial.store, `/f${i}`, 'another');
    const replaced = await changesByTurn(trial, () => list(trial));
    assert.ok(Math.max(...replaced) <= atOnce, replaced.join());
    assert.equal(
      replaced.reduce((sum, count) => sum + count),
      many,
    );
    for (let i = 0; i < many; i++) await trial.store.delete(`/f${i}`);
    const gone = await changesByTurn(trial, () => list(trial));
    assert.ok(Math.max(...gone) <= atOnce, gone.join());
    assert.deepEqual(await list(trial), []);
  });

  it('is not visible in part when a directory is looked into for the first time', async (t) => {
    const trial = await knownTrial(t);
    await trial.reopen();
    for (let i = 0; i < many; i++) await writeBytes(trial.store, `/d/${i}`, '');
    await list(trial);
    const directory = await trial.id('/d');
    const [names, last] = await Promise.all([trial.tree.list(directory), trial.tree.lookup(directory, `${many - 1}`)]);
    assert.equal(names.length, many);
    assert.equal(last?.shownName, `${many - 1}`);
  });

  it('leaves alone what users and uploads change meanwhile', async (t) => {
    const trial = await knownTrial(t);
    for (let i = 0; i < many; i++) await writeBytes(trial.store, `/f${i}`, 'another');
    const last = `f${many - 1}`;
    const { root } = trial.tree;
    await whileMerging(trial, async () => {
      const removed = trial.tree.remove(root, last, 'file');
      const renamed = trial.tree.rename(root, `f${many - 2}`, root, 'renamed', {});
      const made = trial.save('/made', 'mine');
      await Promise.all([removed, renamed, made]);
      await trial.cache.drain();
    });
    await trial.cache.drain();
    const names = await list(trial);
    assert.equal(names.length, many);
    assert.equal(names.includes(last), false);
    assert.equal(await trial.text('/made'), 'mine');
    assert.equal(await trial.text('/renamed'), 'another');
    assert.equal(await trial.text('/f0'), 'another');
  });

  it('ends early when the directory goes, and takes nothing along', async (t) => {
    const trial = await knownTrial(t);
    for (let i = 0; i < many; i++) await writeBytes(trial.store, `/d/${i}`, 'old');
    await list(trial);
    const directory = await trial.id('/d');
    await trial.tree.list(directory);
    for (let i = 0; i < many; i++) await writeBytes(trial.store, `/d/${i}`, 'another');
    await new Promise((resolve) => setTimeout(resolve, 3));
    let gone: Promise<unknown> | undefined;
    const end = trial.tree.onChange(({ kind }) => {
      if (kind === 'content') gone ??= trial.store.delete('/d', { recursive: true }).then(() => list(trial));
    });
    // Whether those names are still answered, or that there are none, is a matter of time.
    await Promise.allSettled([trial.tree.list(directory)]);
    assert.ok(gone !== undefined, 'nothing changed');
    await gone;
    end();
    assert.equal(await trial.find('/d'), undefined);
    assert.deepEqual(trial.cache.pending(), []);
  });
});
