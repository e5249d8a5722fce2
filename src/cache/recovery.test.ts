import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { CacheTrial } from '../../test/fakes/cache-trial.ts';
import { writeBytes } from '../store/operations.ts';

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
