/**
 * Runs the conformance suite at the accounts of `config/<name>_testing.ini`: `npm run test:live [-- NAME... --case PATTERN]`, where only
 * accounts with one of the names in theirs are used, and only cases that match the regular expression. Says which usual accounts are not there: silence would look like a pass. Without any nothing was tested, and
 * the exit status is 1.
 */
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { accountsDirectory, findAccounts, usualAccounts, wantedVariable } from './accounts.ts';

const { positionals: wanted, values } = readArguments();
const directory = accountsDirectory();
const accounts = findAccounts(directory, wanted);
const shown = relative(process.cwd(), directory) || '.';

for (const { name } of accounts) console.log(`${name}: is tested, in a fresh folder that is removed again`);
if (wanted.length === 0) {
  const names = new Set(accounts.map(({ name }) => name.toLowerCase()));
  for (const name of usualAccounts)
    if (!names.has(name.toLowerCase())) console.log(`${name}: NOT TESTED, there is no ${shown}/${name}_testing.ini`);
}
if (accounts.length === 0) {
  console.error(`Nothing was tested: no account is called ${wanted.join(' or ') || '*_testing.ini'} in ${shown}.`);
  process.exitCode = 1;
} else {
  const script = new URL('live.test.ts', import.meta.url).pathname;
  const env = { ...process.env, [wantedVariable]: wanted.join(',') };
  const cases = values.case === undefined ? [] : [`--test-name-pattern=${values.case}`];
  const { status } = spawnSync(process.execPath, ['--test', ...cases, script], { stdio: 'inherit', env });
  process.exitCode = status ?? 1;
}

function readArguments(): { positionals: string[]; values: { case?: string | undefined } } {
  try {
    return parseArgs({ allowPositionals: true, options: { case: { type: 'string' } } });
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: npm run test:live [-- NAME... --case PATTERN]`);
    return process.exit(2);
  }
}
