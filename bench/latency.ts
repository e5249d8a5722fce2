/**
 * How long a mount lets programs wait while it is busy: `npm run bench:latency -- [--rounds N] [--megabytes N] [--only LOAD]
 * [--results FOLDER]`. A prober looks at a cached file of the mount and reads it, at rest and under each load; S3 is the
 * loopback server, so that nothing but the mount itself is slow. Needs root.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { classes, histogram, percentile, shares } from './latency/percentiles.ts';
import type { Latencies } from './latency/prober.ts';
import { type OwnMount, startOwnMount } from './mount/own-command.ts';
import { ServedMount } from './mount/served-mount.ts';
import { runTimed } from './mount/timed-program.ts';
import { tableLines } from './report.ts';
import { startLoopbackServer } from './s3/start-loopback-server.ts';

/** What the mount does meanwhile. */
interface Load {
  readonly name: string;
  /** More settings of S3. */
  readonly auth?: Readonly<Record<string, string>>;
  readonly prepare?: (mount: OwnMount) => Promise<void>;
  readonly run: (mount: OwnMount) => Promise<void>;
}

/** No look at a cached file shall take longer, in milliseconds. */
const goal = 5;
const restMilliseconds = 5000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    megabytes: { type: 'string', default: '512' },
    only: { type: 'string', default: '' },
    profile: { type: 'string', default: '' },
    results: { type: 'string', default: new URL('results', import.meta.url).pathname },
  },
});
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interruption.abort(new Error(`broken off by ${name}`)));
const { signal } = interruption;

const write = async ({ data }: OwnMount): Promise<void> =>
  await mustRun('dd', ['if=/dev/urandom', `of=${data}/big`, 'bs=1M', `count=${values.megabytes}`, 'status=none']);
const loads: readonly Load[] = [
  { name: 'at rest', run: () => sleep(restMilliseconds, undefined, { signal }) },
  { name: `upload of ${values.megabytes} MiB in parts`, prepare: write, run: ({ sync }) => sync(signal) },
  {
    // The signature covers the content, so all of it is hashed before the request begins.
    name: `upload of ${values.megabytes} MiB in one request, hashed before`,
    auth: { part_size: '2500' },
    prepare: write,
    run: ({ sync }) => sync(signal),
  },
  { name: 'ls of 100,000 names, never seen', run: ({ data }) => mustRun('ls', ['-U', `${data}/many`]) },
  { name: 'write of a large file', run: write },
];

const scratch = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'cloudfusion-latency-'));
const server = await startLoopbackServer();
try {
  const found = new Map<string, Latencies>();
  const chosen = loads.filter(({ name }) => name.includes(values.only));
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const load of chosen) {
      const latencies = await measure(load, round);
      const before = found.get(load.name);
      found.set(load.name, before === undefined ? latencies : joined(before, latencies));
      const [most, count] = [percentile(latencies.stat, 1), latencies.stat.length];
      process.stderr.write(`round ${round}, ${load.name}: ${count} looks, at most ${text(most)} ms\n`);
    }
  }
  const report = reportLines(found).join('\n');
  mkdirSync(values.results, { recursive: true });
  writeFileSync(join(values.results, 'latency.md'), report);
  console.log(report);
} catch (error) {
  // Said before the cleaning up, which may fail because of it.
  console.error(error);
  process.exitCode = 1;
} finally {
  await ServedMount.closeAll();
  await server.stop();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}

async function measure(load: Load, round: number): Promise<Latencies> {
  const place = join(scratch, `${loads.indexOf(load)}-${round}`);
  const endpoint = `http://127.0.0.1:${server.port}`;
  const account = { id: 'bench', secret: 'benchsecret', region: 'us-east-1', endpoint, bucket_name: 'bench' };
  const mount = await startOwnMount({
    mountPoint: `${place}-mount`,
    cache: `${place}-cache`,
    log: `${place}.log`,
    store: { name: 's3', cache: 3600, metadata_cache: 3600 },
    auth: { ...account, ...load.auth },
    parameters: values.profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
  });
  try {
    const [mounted, plain] = [join(mount.data, 'small'), `${place}-plain`];
    for (const file of [mounted, plain]) await mustRun('dd', ['if=/dev/zero', `of=${file}`, 'bs=4096', 'count=1']);
    await load.prepare?.(mount);
    return await probedWhile(mounted, plain, () => load.run(mount));
  } finally {
    await mount.mount.close();
    rmSync(`${place}-cache`, { recursive: true, force: true });
  }
}

async function probedWhile(mounted: string, plain: string, run: () => Promise<void>): Promise<Latencies> {
  const prober = fork(new URL('latency/prober.ts', import.meta.url), [mounted, plain], { stdio: 'inherit' });
  const ended = once(prober, 'exit');
  try {
    // Its own start is no load of the mount.
    await sleep(500, undefined, { signal });
    await run();
    const told = once(prober, 'message', { signal });
    prober.send('end');
    return ((await told) as [Latencies])[0];
  } finally {
    prober.kill('SIGKILL');
    await ended;
  }
}

async function mustRun(program: string, parameters: readonly string[]): Promise<void> {
  const { failure } = await runTimed(program, parameters, { cap: 600_000, signal });
  if (failure !== undefined) throw new Error(failure);
}

function joined(a: Latencies, b: Latencies): Latencies {
  return { stat: [...a.stat, ...b.stat], read: [...a.read, ...b.read], plain: [...a.plain, ...b.plain] };
}

function reportLines(found: ReadonlyMap<string, Latencies>): string[] {
  const asked = { stat: 'stat', read: 'open, read 4 KiB, close', plain: 'stat of the plain disk' } as const;
  const lines = [...found].flatMap(([load, latencies]) =>
    (['stat', 'read', 'plain'] as const).map((kind) => ({ load, kind, values: latencies[kind] })),
  );
  const percentiles = lines.map(({ load, kind, values }) => [
    load,
    asked[kind],
    String(values.length),
    ...Object.values(shares).map((share) => text(percentile(values, share))),
    kind === 'stat' ? (percentile(values, 1) <= goal ? 'met' : 'missed') : '',
  ]);
  const counts = lines.map(({ load, kind, values }) => [load, asked[kind], ...histogram(values).map(String)]);
  const ends = classes.map((end) => (end === Infinity ? 'more' : `≤ ${end}`));
  return [
    '# How long the mount lets programs wait',
    '',
    'Milliseconds for one look at a cached file of the mount, at rest and while it is busy (`npm run bench:latency`, see bench/README.md).',
    'The plain disk is asked by the same process at the same time: what it waits is what the machine adds.',
    '',
    ...tableLines(['meanwhile', 'asked', 'times', ...Object.keys(shares), `never more than ${goal} ms`], percentiles),
    '',
    '## How many took how long',
    '',
    ...tableLines(['meanwhile', 'asked', ...ends], counts),
    '',
  ];
}

function text(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 3 : 1);
}
