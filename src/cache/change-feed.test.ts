import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 60_000 };
const anHour = 3_600_000;

/** A cache that believes listings for an hour, over a store that tells its changes. */
function trialOf(t: TestContext, store: MemoryStore = new MemoryStore({ changes: 'wait' })): CacheTrial {
  return new CacheTrial(t, { store, metadataTime: anHour });
}

function listings(trial: CacheTrial): string[] {
  return trial.calls('list').map(({ path }) => path);
}

/** Resolves when the cache has heard of everything until now: it waits for what comes after. */
async function heard({ store, seen }: CacheTrial): Promise<void> {
  const { position } = await store.changes(undefined);
  await until(() =>
    seen.some(({ call, outcome }) => call.operation === 'changes' && outcome === 'running' && call.since === position),
  );
}

describe('changes that the store tells of', () => {
  it('are seen while listings are believed', limit, async (t) => {
    const trial = trialOf(t);
    await writeBytes(trial.store, '/d/changed', 'old');
    await writeBytes(trial.store, '/d/gone', 'x');
    await heard(trial);
    assert.equal(await trial.text('/d/changed'), 'old');
    await writeBytes(trial.store, '/d/changed', 'changed');
    await writeBytes(trial.store, '/d/new', 'new');
    await trial.store.delete('/d/gone');
    await heard(trial);
    assert.equal(await trial.text('/d/changed'), 'changed');
    assert.equal(await trial.text('/d/new'), 'new');
    assert.equal(await trial.find('/d/gone'), undefined);
  });

  it('are told to who shows the tree, without anybody looking', limit, async (t) => {
    const trial = trialOf(t);
    await writeBytes(trial.store, '/d/f', 'x');
    await heard(trial);
    const directory = await trial.id('/d');
    assert.ok(await trial.find('/d/f'));
    const added: string[] = [];
    trial.tree.onChange((change) => {
      if (change.kind === 'added' && change.directory === directory) added.push(change.name);
    });
    await writeBytes(trial.store, '/d/new', 'new');
    await until(() => added.includes('new'));
  });

  it('from here cost no listing', limit, async (t) => {
    const trial = trialOf(t);
    await heard(trial);
    await trial.makeDirectory('/d');
    for (const name of ['a', 'b', 'c']) await trial.save(`/d/${name}`, name);
    await trial.cache.drain();
    await trial.remove('/d/b');
    await trial.cache.drain();
    trial.seen.length = 0;
    await writeBytes(trial.store, '/last', 'x');
    await heard(trial);
    assert.deepEqual([...new Set(listings(trial))], ['/'], 'only where somebody else wrote');
  });

  it('of a directory count for all below it', limit, async (t) => {
    const trial = trialOf(t);
    await writeBytes(trial.store, '/a/below/f', 'of a');
    await writeBytes(trial.store, '/b/below/f', 'of b');
    await heard(trial);
    assert.equal(await trial.text('/a/below/f'), 'of a');
    await trial.store.move('/a', '/old');
    await trial.store.move('/b', '/a');
    await heard(trial);
    assert.equal(await trial.text('/a/below/f'), 'of b');
    assert.equal(await trial.text('/old/below/f'), 'of a');
  });

  it('are seen after a restart, where they were made meanwhile', limit, async (t) => {
    const trial = trialOf(t);
    await writeBytes(trial.store, '/d/f', 'old');
    await heard(trial);
    assert.equal(await trial.text('/d/f'), 'old');
    await trial.cache.close();
    await writeBytes(trial.store, '/d/f', 'newer');
    await trial.reopen();
    await heard(trial);
    assert.equal(await trial.text('/d/f'), 'newer');
  });

  it('that are too old to be told make everything be looked at again', limit, async (t) => {
    const trial = trialOf(t);
    await writeBytes(trial.store, '/d/e/f', 'old');
    await heard(trial);
    assert.equal(await trial.text('/d/e/f'), 'old');
    const other = new MemoryStore({ changes: 'wait' });
    for (const content of ['other', 'newer']) await writeBytes(other, '/d/e/f', content);
    await trial.cache.close();
    const next = new CacheTrial(t, { store: other, metadataTime: anHour, directory: trial.directory });
    await heard(next);
    assert.equal(await next.text('/d/e/f'), 'newer');
  });

  it('are seen when the service is back', limit, async (t) => {
    const trial = trialOf(t);
    await writeBytes(trial.store, '/d/f', 'old');
    await heard(trial);
    assert.equal(await trial.text('/d/f'), 'old');
    trial.faults.offline = true;
    await writeBytes(trial.store, '/d/f', 'newer');
    await until(() => trial.seen.some(({ call, outcome }) => call.operation === 'changes' && outcome === 'failed'));
    assert.equal((await trial.find('/d/f'))?.size, 3);
    trial.faults.heal();
    await heard(trial);
    assert.equal(await trial.text('/d/f'), 'newer');
  });
});
