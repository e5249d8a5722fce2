import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';
import type { Entry, ListOptions } from '../store/store.ts';

const limit = { timeout: 30_000 };
const [given, taken] = [Date.UTC(2001, 1, 3), Date.UTC(2020, 1, 1)];

/** A store whose listings tell when it took a file. */
class LateListings extends MemoryStore {
  constructor() {
    super({ modifiedListed: false });
  }

  override async *list(path: string, options?: ListOptions): AsyncGenerator<Entry> {
    for await (const entry of super.list(path, options)) yield { ...entry, modified: taken };
  }
}

describe('times that listings do not tell', () => {
  it('are shown from the first read on, and announced', limit, async (t) => {
    const trial = new CacheTrial(t, { store: new LateListings(), metadataTime: 1 });
    await writeBytes(trial.store, '/a', 'text', { modified: given });
    assert.equal((await trial.find('/a'))?.modified, taken);
    const told: string[] = [];
    trial.tree.onChange(({ kind }) => told.push(kind));
    await trial.text('/a');
    assert.equal((await trial.find('/a'))?.modified, given);
    assert.deepEqual(told, ['attributes']);
    await trial.reopen();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await trial.tree.list(trial.tree.root);
    assert.equal((await trial.find('/a'))?.modified, given, 'after another listing');
  });

  it('that were set here stay', limit, async (t) => {
    const trial = new CacheTrial(t, { store: new LateListings() });
    await writeBytes(trial.store, '/a', 'text', { modified: given });
    const id = await trial.id('/a');
    trial.tree.setAttributes(id, { modified: 1000 });
    await trial.text('/a');
    assert.equal(trial.tree.get(id).modified, 1000);
  });
});
