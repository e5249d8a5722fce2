import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runsOr, seed } from './seeded-runs.ts';
import { randomScript } from './simulation/random-script.ts';
import { runScript, shrunk } from './simulation/run-script.ts';
import type { Script } from './simulation/step.ts';

const corpus = join(import.meta.dirname, 'simulation', 'corpus');
const stepsOfRun = 150;
/** Runs that make a failing script shorter. */
const shrinking = 400;

/**
 * Two machines on one store, in virtual time: whatever their users and fate do, nothing that was closed is lost, both show what the
 * store has, and conflicts are told. `CLOUDFUSION_SEED` begins at a seed, `CLOUDFUSION_RUNS=1` stays with it. The shortened script of a
 * failure is printed; in `test/simulation/corpus` it is run first from then on.
 */
describe('two machines on one store', { timeout: 3_600_000 }, () => {
  for (const name of readdirSync(corpus).filter((file) => file.endsWith('.json'))) {
    it(`as once failed: ${name.slice(0, -'.json'.length)}`, async () => {
      const { failure } = await runScript(JSON.parse(readFileSync(join(corpus, name), 'utf8')) as Script);
      if (failure !== undefined) throw failure;
    });
  }

  it('random users, faults, kills and power cuts', async (t) => {
    for (let run = 0; run < runsOr(40); run++) {
      const script = randomScript(seed + run, stepsOfRun);
      const { failure } = await runScript(script);
      if (failure === undefined) continue;
      t.diagnostic(`CLOUDFUSION_SEED=${seed + run} CLOUDFUSION_RUNS=1`);
      const short = await shrunk(script, shrinking);
      const { failure: last, trail } = await runScript(short);
      t.diagnostic(JSON.stringify(short));
      for (const line of trail) t.diagnostic(line);
      assert.ok(last, 'the shortened script still fails');
      throw last;
    }
    t.diagnostic(`CLOUDFUSION_SEED=${seed}`);
  });
});
