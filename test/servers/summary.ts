import { notInstalled, type ServerName, serverNames } from './installed.ts';
import type { Start } from './record.ts';
import type { Outcome } from './run-tests.ts';

/** What a run did. */
export interface Run extends Outcome {
  readonly starts: readonly Start[];
  /** Whether all tests were asked for. */
  readonly all: boolean;
}

/** The servers that no test has started. */
export function serversNotRun(starts: readonly Start[]): ServerName[] {
  return serverNames.filter((name) => !starts.some((start) => start.name === name));
}

/** Says which servers ran and which did not, and why; and which tests were skipped. */
export function summary(
  { passed, skipped, starts, all }: Run,
  whyMissing: (name: ServerName) => string | false = notInstalled,
): string[] {
  const notRun = serversNotRun(starts);
  const unused = all ? 'no test has started it' : 'no test that was asked for has started it';
  return [
    '',
    'Servers:',
    ...serverNames.map((name) =>
      notRun.includes(name)
        ? `  NOT RUN  ${name}: ${whyMissing(name) || unused}`
        : `  ran      ${name}${started(starts.filter((start) => start.name === name))}`,
    ),
    ...(skipped.length > 0 ? ['Skipped, which is not passed:', ...skipped.map((line) => `  ${line}`)] : []),
    `${passed ? 'All tests that ran have passed' : 'TESTS HAVE FAILED'}; ${notRun.length} of ${serverNames.length} servers did not run.`,
  ];
}

function started(starts: readonly Start[]): string {
  const seconds = starts.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / starts.length / 1000;
  const times = starts.length === 1 ? 'once' : `${starts.length} times`;
  return ` (started ${times}, in ${seconds.toFixed(1)} s)`;
}
