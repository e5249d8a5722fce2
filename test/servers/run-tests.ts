import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { recordVariable } from './record.ts';

/** What came of the tests. */
export interface Outcome {
  readonly passed: boolean;
  /** The tests that were skipped, each with its reason. */
  readonly skipped: readonly string[];
}

/**
 * Runs test files, two at a time, each in a process of its own, and prints what they report. The servers of each are its own.
 *
 * @param record where the servers that they start are recorded.
 * @param signal ends the run, which then has not passed.
 */
export async function runTests(files: readonly string[], record: string, signal: AbortSignal): Promise<Outcome> {
  const env = { ...process.env, [recordVariable]: record };
  const events = run({ files: [...files], concurrency: 2, signal, env });
  const skipped: string[] = [];
  let failures = 0;
  let finished = false;
  events.on('test:fail', () => (failures += 1));
  events.on('test:pass', ({ name, skip }) => {
    if (skip !== undefined) skipped.push(`${name}: ${skip}`);
  });
  events.on('test:summary', ({ file, success }) => (finished ||= file === undefined && success));
  for await (const text of events.compose(new spec())) process.stdout.write(text as string);
  if (signal.aborted) console.log('The limit of time is used up; not all tests were run.');
  return { passed: finished && failures === 0 && !signal.aborted, skipped };
}
