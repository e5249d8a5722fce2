import { parseArgs } from 'node:util';
import { builtCommand } from './own-command.ts';

/** How much is measured, and of what. */
export interface BenchOptions {
  /** Workloads with one of these words in their name; all when there is none. */
  readonly only: readonly string[];
  /** Subjects by name; all when there is none. */
  readonly subjects: readonly string[];
  readonly rounds: number;
  /** Files that are copied, read, removed; five times as many are created. */
  readonly files: number;
  /** Files of the repository and of the archive. */
  readonly repositoryFiles: number;
  /** Names of the directories that are listed. */
  readonly names: readonly number[];
  /** Size of the large file at S3, in MiB. Over the disk it is twice as large. */
  readonly megabytes: number;
  /** Round trips to S3 in milliseconds; without any, only what needs no S3 is measured. */
  readonly roundTrips: readonly number[];
  /** Milliseconds after which a program is broken off. */
  readonly cap: number;
  /** The command that is measured: a script for Node. */
  readonly command: string;
  /** More parameters for the Node that runs it. */
  readonly profile: readonly string[];
  /** Where the results go. */
  readonly results: string;
}

const ownResults = new URL('../results', import.meta.url).pathname;

/** Reads the options of the command line; throws `TypeError` for what is none. */
export function readBenchOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      subjects: { type: 'string', default: '' },
      rounds: { type: 'string', default: '5' },
      files: { type: 'string', default: '2000' },
      'repository-files': { type: 'string', default: '3000' },
      names: { type: 'string', default: '10000,100000' },
      megabytes: { type: 'string', default: '512' },
      'round-trip': { type: 'string', default: '0,50' },
      cap: { type: 'string', default: '60' },
      command: { type: 'string', default: builtCommand },
      profile: { type: 'string', default: '' },
      results: { type: 'string', default: ownResults },
    },
  });
  return {
    only: values.only,
    subjects: values.subjects.split(',').filter((name) => name !== ''),
    rounds: amount('rounds', values.rounds, 1),
    files: amount('files', values.files, 1),
    repositoryFiles: amount('repository-files', values['repository-files'], 1),
    names: amounts('names', values.names),
    megabytes: amount('megabytes', values.megabytes, 1),
    roundTrips: values['round-trip'] === 'none' ? [] : amounts('round-trip', values['round-trip']),
    cap: amount('cap', values.cap, 1) * 1000,
    command: values.command,
    profile: values.profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`],
    results: values.results,
  };
}

function amounts(name: string, text: string): number[] {
  return text.split(',').map((part) => amount(name, part, 0));
}

function amount(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < least) throw new TypeError(`--${name}: ${text} is no number`);
  return value;
}
