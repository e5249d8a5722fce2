/**
 * What a mount of many files takes: `npm run bench:memory -- [--directories N] [--results FOLDER]`. Memory, time to mount, time
 * to the first name of a directory of 100,000, with a tree of 1,000,000 names in the cache. S3 is the loopback server, which
 * makes up the listings. Needs root.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type OwnMount, startOwnMount } from './mount/own-command.ts';
import { ServedMount } from './mount/served-mount.ts';
import { runTimed } from './mount/timed-program.ts';
import { tableLines } from './report.ts';
import { startLoopbackServer } from './s3/start-loopback-server.ts';

/** What was found at one moment. */
interface Moment {
  readonly name: string;
  readonly seconds: number;
  /** Resident memory of the mount's process then, in bytes. */
  readonly memory: number;
  /** What it shall be. */
  readonly goal?: string;
  readonly met?: boolean;
}

const mostMemory = 300e6;
const mostSecondsToOpen = 1;
const mostSecondsToFirstName = 0.1;
const cap = 1_800_000;

const { values } = parseArgs({
  options: {
    directories: { type: 'string', default: '1000' },
    profile: { type: 'string', default: '' },
    results: { type: 'string', default: new URL('results', import.meta.url).pathname },
  },
});
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => interruption.abort(new Error(`broken off by ${name}`)));
const { signal } = interruption;

const scratch = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'cloudfusion-memory-'));
const cache = join(scratch, 'cache');
const server = await startLoopbackServer();
let mounts = 0;
try {
  const moments = [...(await fill()), ...(await openAgain())];
  const report = reportLines(moments, statSync(join(cache, 'bench', 'index.db')).size).join('\n');
  mkdirSync(values.results, { recursive: true });
  writeFileSync(join(values.results, 'memory.md'), report);
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

/** A mount over an empty cache sees everything for the first time. */
async function fill(): Promise<Moment[]> {
  const mount = await start();
  const moments = [
    at(mount, 'mounted, nothing seen', 0),
    ...(await listMany(mount, 'never seen')),
    ...(await listMany(mount, 'in memory')),
    at(mount, `find over ${amountOfNames()} names, never seen`, await seconds('bash', ['-c', findScript(mount)])),
    mostOf(mount),
  ];
  await mount.mount.close();
  return moments;
}

/** A mount over the cache of the one before. */
async function openAgain(): Promise<Moment[]> {
  const began = performance.now();
  const mount = await start();
  const opened = (performance.now() - began) / 1000;
  const mounted = at(mount, 'mounted again', opened);
  const moments = [
    { ...mounted, goal: `${mostSecondsToOpen} s`, met: opened <= mostSecondsToOpen },
    ...(await listMany(mount, 'in the database')),
    at(mount, `find over ${amountOfNames()} names`, await seconds('bash', ['-c', findScript(mount)])),
  ];
  const forgotten = await seconds('bash', ['-c', 'echo 2 > /proc/sys/vm/drop_caches']);
  const after = at(mount, 'the kernel has forgotten them', forgotten);
  const most = mostOf(mount);
  await mount.mount.close();
  return [...moments, after, most];
}

/** The most memory that a mount has ever had, beside the goal. */
function mostOf({ mount }: OwnMount): Moment {
  const memory = mount.mostMemory;
  return { name: 'most of these', seconds: 0, memory, goal: `${mostMemory / 1e6} MB`, met: memory <= mostMemory };
}

async function start(): Promise<OwnMount> {
  const place = join(scratch, String(++mounts));
  const endpoint = `http://127.0.0.1:${server.port}`;
  return await startOwnMount({
    mountPoint: `${place}-mount`,
    cache,
    log: `${place}.log`,
    store: { name: 's3', metadata_cache: 86_400 },
    auth: { id: 'bench', secret: 'benchsecret', region: 'us-east-1', endpoint, bucket_name: 'bench' },
    parameters: values.profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
  });
}

function at(mount: OwnMount, name: string, seconds: number): Moment {
  const moment = { name, seconds, memory: mount.mount.residentMemory };
  process.stderr.write(`${name}: ${seconds.toFixed(2)} s, ${(moment.memory / 1e6).toFixed(0)} MB\n`);
  return moment;
}

/** Of the tree, so many directories. */
function findScript({ data }: OwnMount): string {
  const expected = Number(values.directories) * 1001;
  const found = `ls -U '${data}/tree' | head -n ${values.directories} | sed 's|^|${data}/tree/|' | xargs find | wc -l`;
  return `n=$(${found}); [ "$n" = ${expected} ] || { echo "$n names were found" >&2; exit 1; }`;
}

function amountOfNames(): string {
  return (Number(values.directories) * 1000).toLocaleString('en');
}

async function seconds(program: string, parameters: readonly string[]): Promise<number> {
  const { seconds, failure, capped } = await runTimed(program, parameters, { cap, signal });
  if (failure !== undefined || capped) throw new Error(failure ?? `${program} does not end`);
  return seconds;
}

/** `ls -U` of 100,000 names: when it prints the first of them, and when it has ended. */
async function listMany(mount: OwnMount, what: string): Promise<Moment[]> {
  const began = performance.now();
  const ls = spawn('ls', ['-U', join(mount.data, 'many')], { stdio: ['ignore', 'pipe', 'inherit'], signal });
  const ended = once(ls, 'exit');
  await once(ls.stdout, 'data', { signal });
  const first = (performance.now() - began) / 1000;
  const moment = at(mount, `first name of \`ls -U\` of 100,000, ${what}`, first);
  ls.stdout.resume();
  await ended;
  // Of what was never seen the service decides.
  const goal = { goal: `${mostSecondsToFirstName} s`, met: first <= mostSecondsToFirstName };
  return [
    what === 'never seen' ? moment : { ...moment, ...goal },
    at(mount, `all of them, ${what}`, (performance.now() - began) / 1000),
  ];
}

function reportLines(moments: readonly Moment[], databaseBytes: number): string[] {
  const rows = moments.map(({ name, seconds, memory, goal, met }) => [
    name,
    seconds === 0 ? '' : seconds.toFixed(seconds < 1 ? 3 : 1),
    (memory / 1e6).toFixed(0),
    goal === undefined ? '' : `${goal}: ${met === true ? 'met' : 'missed'}`,
  ]);
  return [
    '# What many files take',
    '',
    `Seconds, and resident memory of the mount's process then (\`npm run bench:memory\`, see bench/README.md).`,
    `The cache's database had ${(databaseBytes / 1e6).toFixed(0)} MB at the end.`,
    '',
    ...tableLines(['', 'seconds', 'MB', 'goal'], rows),
    '',
  ];
}
