/**
 * Random calls at once over a bucket that answers in any order and sometimes fails. Whatever they left, the store must go on as a
 * new store would that knows nothing: what it remembers of directories is so. Replay with CLOUDFUSION_SEED=<the number printed>.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { Dice, listing, outcome, randomCall } from '../../../test/fakes/random-store-calls.ts';
import { runsOr, seed } from '../../../test/seeded-runs.ts';
import { StoreError } from '../../store/errors.ts';
import { BucketStore } from './bucket-store.ts';

const roundsOfRun = 30;

/** Each request waits for some turns, and one of forty fails. */
function disturb(bucket: MemoryBucket, dice: Dice): void {
  bucket.before = async () => {
    for (let turns = dice.below(6); turns > 0; turns--) await new Promise(setImmediate);
  };
  bucket.fail = () => (dice.below(40) === 0 ? new StoreError('Unavailable') : undefined);
}

function calm(bucket: MemoryBucket): void {
  bucket.before = undefined;
  bucket.fail = undefined;
}

function cloned(bucket: MemoryBucket, pageSize: number): MemoryBucket {
  const clone = new MemoryBucket({ pageSize });
  for (const key of bucket.keys()) clone.plant(key, bucket.text(key));
  return clone;
}

async function runOnce(seed: number, trail: string[]): Promise<void> {
  const dice = new Dice(seed);
  const pageSize = dice.pick([2, 5, 1000]);
  const bucket = new MemoryBucket({ pageSize });
  const store = new BucketStore(bucket, { knownFor: Infinity });
  for (let round = 0; round < roundsOfRun; round++) {
    const calls = Array.from({ length: 2 + dice.below(4) }, (_, index) => randomCall(dice, round * 10 + index));
    trail.push(`at once: ${calls.map(({ what }) => what).join('; ')}`);
    disturb(bucket, dice);
    await Promise.all(calls.map((call) => outcome(call, store)));
    calm(bucket);
    const next = randomCall(dice, round * 10 + 9);
    trail.push(next.what, bucket.keys().join());
    const fresh = new BucketStore(cloned(bucket, pageSize), { knownFor: 0 });
    assert.deepEqual(await outcome(next, store), await outcome(next, fresh), next.what);
    assert.deepEqual(await listing(store, '/', true), await listing(fresh, '/', true), next.what);
  }
}

test('what a store remembers is so, whatever ran at once', { timeout: 300_000 }, async (t) => {
  for (let run = 0; run < runsOr(8); run++) {
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
