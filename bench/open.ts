/**
 * How long a cache takes to open: `npm run bench:open -- [--names N] [--uploads N] [--rounds N]`. It has 100,000 names and 10,000 files that wait to be
 * sent, as a killed process leaves it. Needs root, to mount.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { fillCache, namesOfDirectory } from './open/filled-cache.ts';
import { median, printTable } from './report.ts';

interface Opening {
  /** Milliseconds. */
  readonly opened: number;
  readonly answered: number;
  readonly requests: number;
  readonly waiting: number;
  readonly isAnswered: boolean;
}

const { values } = parseArgs({
  options: {
    names: { type: 'string', default: '100000' },
    uploads: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
  },
});
const directories = Math.ceil(Number(values.names) / namesOfDirectory);
const scratch = mkdtempSync(join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'cloudfusion-open-'));
try {
  const [filled, killed, mountPoint] = [join(scratch, 'filled'), join(scratch, 'killed'), join(scratch, 'mount')];
  mkdirSync(mountPoint);
  await fillCache(filled, killed, directories, Number(values.uploads));
  const openings: Opening[] = [];
  for (let round = 0; round < Number(values.rounds); round++) openings.push(await openAgain(killed, mountPoint));
  const milliseconds = (figure: 'opened' | 'answered'): string =>
    `${Math.round(median(openings.map((opening) => opening[figure])))} ms`;
  const requests = String(Math.max(...openings.map((opening) => opening.requests)));
  printTable(
    [`${values.names} names, ${values.uploads} waiting uploads`, 'found', 'goal'],
    [
      ['the cache is open', milliseconds('opened'), ''],
      ['its mount has answered `ls`', milliseconds('answered'), '1000 ms'],
      ['requests until then', requests, '0'],
    ],
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function openAgain(directory: string, mountPoint: string): Promise<Opening> {
  const script = new URL('open/opened-cache.ts', import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, directory, mountPoint, String(directories)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [answer] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const opening = JSON.parse(answer) as Opening;
  if (!opening.isAnswered || opening.waiting < Number(values.uploads))
    throw new Error(`it is not all there: ${answer}`);
  return opening;
}
