/**
 * Runs the tests that need real servers: `npm run test:servers [-- NAME...]`, where only files with one of the names in theirs
 * are run. Says at the end which servers ran and which did not: silence would look like a pass. A server that could not run
 * is no failure, unless `CLOUDFUSION_SERVERS=all` demands them.
 */
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from './install.ts';
import { allPackages, missingPackages } from './installed.ts';
import { recordedStarts } from './record.ts';
import { runTests } from './run-tests.ts';
import { serversNotRun, summary } from './summary.ts';

/** From the start of the process. It takes less than half of that; a slow machine is no failure, something that hangs is one. */
const limitMilliseconds = 840_000;

/** These take longest, and begin first. */
const longest = ['s3-swift', 's3-radosgw', 'faults'];

const wanted = process.argv.slice(2);
const files = globSync('**/*.test.ts', { cwd: import.meta.dirname })
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b));

if (files.length === 0) {
  console.error(`No server test is called ${wanted.join(' or ')}. Nothing was tested.`);
  process.exitCode = 1;
} else {
  installWhatIsMissing();
  await run();
}

function installWhatIsMissing(): void {
  const missing = missingPackages(allPackages);
  if (missing.length === 0) return;
  console.log(`Installing Debian packages: ${missing.join(' ')}`);
  const failure = install(missing);
  if (failure !== undefined) console.log(`They are not installed: ${failure}`);
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'servers-record-'));
  try {
    const record = join(folder, 'starts');
    writeFileSync(record, '');
    const paths = files.map((file) => join(import.meta.dirname, file));
    const outcome = await runTests(
      paths,
      record,
      AbortSignal.timeout(Math.max(0, Math.round(limitMilliseconds - performance.now()))),
    );
    const starts = await recordedStarts(record);
    console.log(summary({ ...outcome, starts, all: wanted.length === 0 }).join('\n'));
    const incomplete = process.env['CLOUDFUSION_SERVERS'] === 'all' && serversNotRun(starts).length > 0;
    process.exitCode = outcome.passed && !incomplete ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rankOf(file: string): number {
  const rank = longest.findIndex((name) => file.includes(name));
  return rank < 0 ? longest.length : rank;
}
