/**
 * Power cuts: the cache of a daemon behind a real mount lies on a disk that loses what was not synced, or some of it, while a program works. What
 * fsync answered for is there on the next mount; every page is old or new, and nothing is what nobody wrote. `CLOUDFUSION_SEED` replays,
 * `CLOUDFUSION_RUNS` says how often the power goes.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import { seededRandom } from '../../src/layers/seeded-random.ts';
import { Mounted, withoutFuse } from '../mount/mounted.ts';
import { runsOr, seed } from '../seeded-runs.ts';
import { shareCompiledModules } from './compile-cache.ts';
import type { Files } from './crash-step.ts';
import { PoweredDisk } from './power-cut/powered-disk.ts';
import type { PowerStep } from './power-cut/power-step.ts';
import { PromisedFiles } from './power-cut/promised-files.ts';
import { within } from './within.ts';
import { WriterProcess } from './writer-process.ts';

const writerScript: string = new URL('power-cut/power-writer.ts', import.meta.url).pathname;
const lanes = 3;
/** Milliseconds for which a listing is believed. */
const believed = 20;
const cuts = runsOr(30);
/** Milliseconds: where nothing is sent while the program works, what is found is what the disk kept. */
const [soon, never] = [20, 3_600_000];
/** How much of what was not durable is kept; each cut takes the next. */
const parts = [0, 0.5, 0.9, 0.1];

describe('power cuts under the cache', {
  skip: withoutFuse,
  concurrency: lanes,
  timeout: 120_000 + cuts * 8_000,
}, () => {
  shareCompiledModules();

  for (let lane = 0; lane < lanes; lane++) {
    const rounds = Math.ceil((cuts - lane) / lanes);
    it(`take nothing that fsync answered for (${rounds} cuts, CLOUDFUSION_SEED=${seed})`, async (t) => {
      const random = seededRandom(seed + lane);
      const { steps, conflicts } = await cutAgainAndAgain({
        random,
        rounds,
        passthrough: lane % 2 === 0,
        strictNames: lane > 0,
        sends: lane === 2,
      });
      t.diagnostic(`${steps} steps, ${conflicts} conflict copies`);
      assert.ok(rounds === 0 || steps > 0, 'nothing was written');
    });
  }
});

interface Lane {
  readonly random: () => number;
  readonly rounds: number;
  readonly passthrough: boolean;
  readonly strictNames: boolean;
  /** Changes are sent while the program works. */
  readonly sends: boolean;
}

async function cutAgainAndAgain({
  random,
  rounds,
  passthrough,
  strictNames,
  sends,
}: Lane): Promise<{ steps: number; conflicts: number }> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'cloudfusion-power-')));
  await using mounted = new Mounted(directory, {
    uploadDelay: sends ? soon : never,
    metadataTime: believed,
    passthrough,
    maxBytes: 3e6,
  });
  await using disk = await PoweredDisk.start({ mountPoint: mounted.cacheDirectory, strictNames });
  await mounted.start();
  const work = join(mounted.data, 'work');
  await mkdir(work);
  await mounted.drain();
  await syncDirectory(work);
  await using writer = new WriterProcess<PowerStep>(work, writerScript);
  let [promised, steps, conflicts] = [new PromisedFiles(new Map()), 0, 0];
  for (let round = 1; round <= rounds; round++) {
    writer.begin(Math.floor(random() * 2 ** 31), round * 1_000_000);
    await setTimeout(50 + random() * 700);
    await within(
      `cut ${round}`,
      mounted,
      disk.cut(Math.floor(random() * 2 ** 31), parts[round % parts.length] as number),
    );
    await within(`the end after cut ${round}`, mounted, mounted.crash());
    const { done, open: begun } = await within(`the writer at cut ${round}`, mounted, writer.ended());
    for (const step of done) {
      promised.begin(step);
      promised.done(step);
    }
    if (begun !== undefined) promised.begin(begun);
    steps += done.length;
    await disk.restart();
    await bootAnew(mounted.cacheDirectory, round);
    await within(`the start after cut ${round}`, mounted, mounted.start());
    const { files: found, copies } = await within(`reading all after cut ${round}`, mounted, settledFiles(mounted));
    const problems = JSON.stringify(await mounted.daemon.ask('problems'));
    const happened = [...done, begun].map((step) => JSON.stringify(step)).join('\n');
    promised.check(found, copies, `after cut ${round} (problems: ${problems}, steps:\n${happened})\n`);
    conflicts += copies.size;
    promised = new PromisedFiles(found);
    // That all is sent is durable with the next sync, whose time is chance.
    await syncDirectory(work);
  }
  const atStore = await filesIn(join(mounted.storeDirectory, 'work'));
  assert.deepEqual(atStore, { files: (await filesIn(work)).files, copies: new Map() });
  assert.deepEqual(await disk.errors(), []);
  await mounted.stop();
  return { steps, conflicts };
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path);
  await directory.sync();
}

/** After a power cut the machine has started anew: see `machineDied` of the cache. */
async function bootAnew(cacheDirectory: string, round: number): Promise<void> {
  const names = await readdir(cacheDirectory);
  if (!names.includes('boot')) return;
  await using file = await open(join(cacheDirectory, 'boot'), 'r+');
  await file.write(`boot ${round}`, 0);
  await file.sync();
}

/** What is in the mount when all is sent, and what was sent before the cut without the cache knowing of it any more was seen. */
async function settledFiles(mounted: Mounted): Promise<Found> {
  const work = join(mounted.data, 'work');
  const copies = new Map<string, Buffer[]>();
  for (let before: Files | undefined; ; ) {
    await mounted.drain();
    const found = await filesIn(work);
    for (const [path, versions] of found.copies) copies.set(path, [...(copies.get(path) ?? []), ...versions]);
    if (before !== undefined && isDeepStrictEqual(before, found.files)) return { files: found.files, copies };
    before = found.files;
    await setTimeout(believed);
  }
}

interface Found {
  readonly files: Files;
  readonly copies: Map<string, Buffer[]>;
}

/** All files, and conflict copies by the names that they are copies of; those are removed. */
async function filesIn(root: string): Promise<Found> {
  const [files, copies] = [new Map<string, Buffer>(), new Map<string, Buffer[]>()];
  for (const name of await readdir(root)) {
    const bytes = await readFile(join(root, name));
    const original = `/${name.replace(/ \(conflicted copy [^)]*\)/, '')}`;
    if (original === `/${name}`) {
      files.set(original, bytes);
      continue;
    }
    copies.set(original, [...(copies.get(original) ?? []), bytes]);
    await rm(join(root, name));
  }
  return { files, copies };
}
