/**
 * Fuzzing of everything that parses bytes from outside: past finds first, then changed samples for as long as the time lasts:
 * `CLOUDFUSION_SECONDS`, 20 by default. `CLOUDFUSION_SEED` and `CLOUDFUSION_RUNS=1` replay a case of all targets.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { seededRandom } from '../src/layers/seeded-random.ts';
import { HangWatch } from './fuzz/hang-watch.ts';
import type { FuzzTarget } from './fuzz/fuzz-target.ts';
import { fuzzTargets } from './fuzz/fuzz-targets.ts';
import { runsOr, seed } from './seeded-runs.ts';

const seconds = Number(process.env['CLOUDFUSION_SECONDS'] ?? 20);
const corpus = join(import.meta.dirname, 'fuzz/corpus');
const shares = fuzzTargets.reduce((sum, { share }) => sum + share, 0);

describe('fuzzing', () => {
  for (const { name, share, open } of fuzzTargets) {
    const milliseconds = (1000 * seconds * share) / shares;
    it(`${name} (seed ${seed})`, { timeout: milliseconds + 60_000 }, async (t) => {
      await using target = await open();
      await using watch = new HangWatch(name);
      const finds = pastFinds(name);
      for (const [find, input] of finds) await tried(target, input, `corpus/${name}/${find}`);
      const end = performance.now() + milliseconds;
      let cases = 0;
      for (; cases < runsOr(Infinity) && performance.now() < end; cases++) {
        watch.begin(seed + cases);
        const input = target.make(seededRandom(seed + cases));
        await tried(target, input, `CLOUDFUSION_SEED=${seed + cases} CLOUDFUSION_RUNS=1`);
        if (cases % 100 === 0) await new Promise(setImmediate);
      }
      t.diagnostic(`${finds.length} past finds, ${cases} new cases`);
    });
  }
});

/** Kept inputs of a target by their file names. */
function pastFinds(name: string): [string, Buffer][] {
  const folder = join(corpus, name.replaceAll(' ', '-'));
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]);
}

async function tried(target: FuzzTarget, input: Buffer, replay: string): Promise<void> {
  try {
    await target.take(input);
  } catch (cause) {
    const text = input.length < 4000 ? input.toString('base64') : `${input.length} bytes`;
    throw new Error(`${target.name}: ${replay}\n${String(cause)}\ninput in base64: ${text}`, { cause });
  }
}
