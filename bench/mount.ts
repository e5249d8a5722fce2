/**
 * Measures the mount beside its peers: `npm run bench -- [options]`. What is measured, and the options, are described in
 * bench/README.md. Needs root, to mount and to empty the kernel's caches.
 */
import { spawnSync } from 'node:child_process';
import { Arena } from './mount/arena.ts';
import { type BenchOptions, readBenchOptions } from './mount/bench-options.ts';
import { bindfs } from './mount/peers/bindfs.ts';
import { cloudFusionOverDisk, cloudFusionOverS3 } from './mount/peers/cloud-fusion.ts';
import { rawDisk } from './mount/peers/raw-disk.ts';
import { rcloneOverDisk, rcloneOverS3 } from './mount/peers/rclone.ts';
import { s3fs } from './mount/peers/s3fs.ts';
import { Results, runWorkload } from './mount/run.ts';
import type { Subject } from './mount/subject.ts';
import type { Workload } from './mount/workload.ts';
import { cachedDataWorkloads } from './mount/workloads/cached-data.ts';
import { largeFile } from './mount/workloads/large-file.ts';
import { manyNames } from './mount/workloads/many-names.ts';
import { programs } from './mount/workloads/programs.ts';
import { smallFiles } from './mount/workloads/small-files.ts';
import { writeReport } from './mount/write-report.ts';

const known: readonly Subject[] = [
  rawDisk,
  bindfs,
  rcloneOverDisk,
  rcloneOverS3,
  s3fs,
  cloudFusionOverDisk,
  cloudFusionOverS3,
];

const options = readBenchOptions();
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interruption.abort(new Error(`broken off by ${name}`)));

const workloads = chosenWorkloads(options);
const { subjects, missing } = chosenSubjects(options);
const needsBucket = options.roundTrips.length > 0 && workloads.some(({ over }) => over.includes('s3'));
const arena = await Arena.make(options, interruption.signal, needsBucket);
try {
  const results = new Results();
  let table = '';
  for (const workload of workloads) {
    await runWorkload(arena, workload, subjects, results);
    table = writeReport(results, { options, missing });
  }
  console.log(table);
} catch (error) {
  // Said before the cleaning up, which may fail because of it.
  console.error(error);
  process.exitCode = 1;
} finally {
  await arena[Symbol.asyncDispose]();
}

function chosenWorkloads({ only, names }: BenchOptions): readonly Workload[] {
  const all = [...manyNames(names), ...cachedDataWorkloads, ...smallFiles, ...largeFile, ...programs];
  const chosen = all.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));
  if (chosen.length > 0) return chosen;
  throw new TypeError(`--only: there are ${all.map(({ name }) => `"${name}"`).join(', ')}`);
}

/** Those that are installed, and the names of those that are not. */
function chosenSubjects({ subjects }: BenchOptions): { subjects: readonly Subject[]; missing: readonly string[] } {
  const names = new Set(known.map(({ name }) => name));
  const unknown = subjects.find((name) => !names.has(name));
  if (unknown !== undefined) throw new TypeError(`--subjects: ${unknown} is none of ${[...names].join(', ')}`);
  const wanted = known.filter(({ name }) => subjects.length === 0 || subjects.includes(name));
  const absent = wanted.filter(({ needs }) => needs !== undefined && !isInstalled(needs));
  return {
    subjects: wanted.filter((subject) => !absent.includes(subject)),
    missing: [...new Set(absent.map(({ name }) => name))],
  };
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
