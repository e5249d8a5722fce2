import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 20_000 };

it('a write into a file of which nothing is here counts its own bytes', limit, async (t) => {
  const trial = new CacheTrial(t);
  await writeBytes(trial.store, '/f', 'x'.repeat(1000));
  const file = await trial.open('/f', true);
  trial.faults.offline = true;
  await file.write(100, Buffer.from('within'));
  assert.equal(trial.cache.statistics().cachedBytes, 6);
  await file.write(998, Buffer.from('over the end'));
  assert.equal(trial.cache.statistics().cachedBytes, 18);
  await file.write(1020, Buffer.from('behind a gap'));
  assert.equal(trial.cache.statistics().cachedBytes, 40);
  trial.faults.offline = false;
  await trial.cache.drain();
  assert.equal(trial.cache.statistics().cachedBytes, 1032);
  file.release();
  await trial.reopen();
  assert.equal(trial.cache.statistics().cachedBytes, 1032);
});
