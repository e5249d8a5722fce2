import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { allPosixCases } from './cases/all-cases.ts';
import type { PosixFeatures } from './posix-features.ts';
import { PosixTrial } from './posix-trial.ts';

/** What the process of the cases is given, as JSON. */
export interface CaseRunnerOptions {
  /** Where the cases make directories of their own. */
  readonly directory: string;
  readonly features: PosixFeatures;
}

/**
 * The process that runs the cases, because their calls block and may never come back: it can be killed. It speaks the language of
 * `DaemonProcess`; a command is the name of a case, and its answer null, or why the case does not apply.
 */
const { directory, features } = JSON.parse(process.argv[2] as string) as CaseRunnerOptions;
process.umask(0o022);
const input = createInterface({ input: process.stdin });
reply({ value: null });
for await (const line of input) {
  const [name] = JSON.parse(line) as [string];
  try {
    reply({ value: await run(name) });
  } catch (error) {
    reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function run(name: string): Promise<string | null> {
  const found = allPosixCases.find((posixCase) => posixCase.name === name);
  if (found === undefined) throw new TypeError(`there is no case "${name}"`);
  const reason = found.unless?.(features);
  if (reason !== undefined) return reason;
  mkdirSync(directory, { recursive: true });
  const place = mkdtempSync(join(directory, 'case '));
  chmodSync(place, 0o755);
  {
    using trial = new PosixTrial(place, features);
    await found.run(trial);
  }
  // What a case that failed has left is kept, to be looked at.
  rmSync(place, { recursive: true });
  return null;
}

function reply(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
