/**
 * Daemons behind real mounts are killed at random moments of a random workload. What a program was told to be done is there, byte for byte,
 * on the next mount, and in the end at the store. `CLOUDFUSION_SEED` replays, `CLOUDFUSION_RUNS` says how often they are killed.
 */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { mountStore, withoutFuse } from '../mount/mounted.ts';
import { runsOr, seed } from '../seeded-runs.ts';
import { shareCompiledModules } from './compile-cache.ts';
import { apply, type Files } from './crash-step.ts';
import { settle } from './settled-files.ts';
import { directories } from './mount-writer.ts';
import { within } from './within.ts';
import { WriterProcess } from './writer-process.ts';

/** Mounts at the same time: starting a daemon is most of a round. */
const lanes = 4;
const kills = runsOr(300);

describe('daemons that are killed again and again', {
  skip: withoutFuse,
  concurrency: lanes,
  timeout: 120_000 + kills * 5_000,
}, () => {
  shareCompiledModules();

  for (let lane = 0; lane < lanes; lane++) {
    // Every other one without passthrough.
    const passthrough = lane % 2 === 0;
    const rounds = Math.ceil((kills - lane) / lanes);
    it(`lose nothing that was acknowledged (${rounds} kills, CLOUDFUSION_SEED=${seed})`, async (t) => {
      const random = seededRandom(seed + lane);
      const seen = await killAgainAndAgain({ random, rounds, passthrough });
      t.diagnostic(`${seen.steps} acknowledged steps, ${seen.files} files in the end`);
      assert.ok(rounds === 0 || seen.steps > 0, 'nothing was written');
    });
  }
});

interface Lane {
  readonly random: () => number;
  readonly rounds: number;
  readonly passthrough: boolean;
}

async function killAgainAndAgain({ random, rounds, passthrough }: Lane): Promise<{ steps: number; files: number }> {
  await using mounted = await mountStore({ uploadDelay: 20, passthrough, maxBytes: 2e6 });
  const work = join(mounted.data, 'work');
  for (const directory of directories.slice(1)) await mkdir(join(work, directory), { recursive: true });
  await using writer = new WriterProcess(work);
  let [expected, steps]: [Files, number] = [new Map(), 0];
  for (let round = 1; round <= rounds; round++) {
    writer.begin(Math.floor(random() * 2 ** 31), round * 1_000_000);
    await setTimeout(20 + random() * 400);
    await within(`kill ${round}`, mounted, mounted.crash());
    const { done, open } = await within(`the end of the writer at kill ${round}`, mounted, writer.ended());
    for (const step of done) expected = apply(expected, step);
    steps += done.length;
    await within(`the start after kill ${round}`, mounted, mounted.start());
    const found = await within(`reading all after kill ${round}`, mounted, filesIn(work));
    expected = settle(expected, found, open, `after kill ${round}`);
  }
  await within('sending all', mounted, mounted.drain());
  assertSameFiles(await filesIn(join(mounted.storeDirectory, 'work')), expected);
  assert.deepEqual(await mounted.errors(), []);
  return { steps, files: expected.size };
}

/** All files, but those that were to replace others: they are removed. Not a synchronous call of it: a mount that hangs must not stop our clocks. */
async function filesIn(root: string): Promise<Files> {
  const files: Files = new Map();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) continue;
    if (path.endsWith('.new')) await rm(path, { force: true });
    else files.set(path.slice(root.length), await readFile(path));
  }
  return files;
}

function assertSameFiles(found: Files, expected: Files): void {
  assert.deepEqual([...found.keys()].toSorted(), [...expected.keys()].toSorted(), 'at the store');
  for (const [path, content] of expected) assert.ok(found.get(path)?.equals(content), `${path} at the store`);
}
