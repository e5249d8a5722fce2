import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';
import type { Entry } from '../store/store.ts';

/** Some of these no provider tells, so they are caught twice. */
const unfit = ['', '.', '..', '../../etc/x/..', 'a\0b', 'half \ud800 a pair', 'x'.repeat(256), 'ü'.repeat(128)];

/** A store that tells names that no file can have, before, between and behind others. */
class UnrulyNames extends MemoryStore {
  override async *list(path: string): AsyncGenerator<Entry> {
    const directory = path === '/' ? '' : path;
    const strange = (name: string): Entry => ({
      kind: 'file',
      path: `${directory}/${name}`,
      size: 1,
      modified: 1,
      revision: '1',
    });
    for (const name of unfit.slice(0, 3)) yield strange(name);
    for await (const entry of super.list(path)) {
      yield entry;
      for (const name of unfit) yield strange(name);
    }
  }
}

async function names({ tree }: CacheTrial): Promise<string[]> {
  return (await tree.list(tree.root)).map(({ shownName }) => shownName).sort();
}

async function trialOf(t: TestContext): Promise<CacheTrial> {
  const store = new UnrulyNames();
  await writeBytes(store, '/good', 'good');
  await writeBytes(store, '/fine', 'fine');
  await writeBytes(store, `/${'y'.repeat(255)}`, 'long');
  return new CacheTrial(t, { store, metadataTime: 1 });
}

it('names that no file can have are left out, hide nothing, and are told once', { timeout: 20_000 }, async (t) => {
  const trial = await trialOf(t);
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await names(trial), ['fine', 'good', 'y'.repeat(255)]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await trial.text('/good'), 'good');
  const told = trial.cache.problems().map(({ kind, path, message }) => ({ kind, path, message }));
  assert.deepEqual(told, [{ kind: 'name', path: '/', message: '"" is not shown here: no name of a file' }]);
});

it('a directory that holds such names goes on taking others', { timeout: 20_000 }, async (t) => {
  const trial = await trialOf(t);
  await names(trial);
  await trial.save('/new', 'new');
  await trial.rename('/good', '/better');
  await trial.remove('/fine');
  await trial.cache.drain();
  assert.deepEqual(await names(trial), ['better', 'new', 'y'.repeat(255)]);
});
