/**
 * Random calls through two stores over one bucket, against a store in memory: every call must answer or fail alike, and in the
 * end the trees must be the same. Replay a failure with CLOUDFUSION_SEED=<the number printed> CLOUDFUSION_RUNS=1.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { Dice, listing, outcome, randomCall } from '../../../test/fakes/random-store-calls.ts';
import { runsOr, seed } from '../../../test/seeded-runs.ts';
import { readText } from '../../store/operations.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import { BucketStore } from './bucket-store.ts';

const stepsOfRun = 150;

async function runOnce(seed: number, trail: string[]): Promise<void> {
  const dice = new Dice(seed);
  const pageSize = dice.pick([1, 2, 7, 1000]);
  const bucket = new MemoryBucket({
    pageSize,
    deletesAtOnce: dice.pick([1, 3]),
    listsContentTypes: dice.below(2) === 0,
  });
  const root = dice.pick(['', 'root']);
  // Two stores know nothing of each other, so they may not remember.
  const stores =
    dice.below(2) === 0
      ? [new BucketStore(bucket, { root })]
      : [new BucketStore(bucket, { root, knownFor: 0 }), new BucketStore(bucket, { root, knownFor: 0 })];
  trail.push(`pages of ${pageSize}, ${stores.length} stores`);
  const oracle = new MemoryStore();
  for (let number = 0; number < stepsOfRun; number++) {
    const step = randomCall(dice, number);
    trail.push(step.what);
    const [found, expected] = [await outcome(step, dice.pick(stores)), await outcome(step, oracle)];
    trail.push(`   ${JSON.stringify(found)}`);
    assert.deepEqual(found, expected, step.what);
  }
  for (const store of stores) {
    const tree = await listing(store, '/', true);
    assert.deepEqual(tree, await listing(oracle, '/', true));
    for (const entry of await Array.fromAsync(oracle.list('/', { recursive: true })))
      if (entry.kind === 'file') assert.equal(await readText(store, entry.path), await readText(oracle, entry.path));
  }
}

test('a bucket is the tree that a disk would be', { timeout: 300_000 }, async (t) => {
  for (let run = 0; run < runsOr(25); run++) {
    const trail: string[] = [];
    try {
      await runOnce(seed + run, trail);
    } catch (error) {
      t.diagnostic(`CLOUDFUSION_SEED=${seed + run} CLOUDFUSION_RUNS=1`);
      for (const step of trail) t.diagnostic(step);
      throw error;
    }
  }
  t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
});
