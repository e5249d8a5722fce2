import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { join } from 'node:path';
import { tableLines } from '../report.ts';
import { barChart, type BarGroup } from './bar-chart.ts';
import type { BenchOptions } from './bench-options.ts';
import type { Figure } from './figure.ts';
import { judgeGoals } from './goals.ts';
import { direct, type Results, type Setting, textOf } from './run.ts';

/** What a report says of the run. */
export interface RunFacts {
  readonly options: BenchOptions;
  /** Subjects that are not installed. */
  readonly missing: readonly string[];
}

const columns: Readonly<Record<'disk' | 's3', readonly string[]>> = {
  disk: ['raw disk', 'bindfs', 'rclone', 'CloudFusion'],
  s3: ['raw disk', 'rclone', 's3fs', 'CloudFusion', direct],
};

/** Writes the table and the chart into the folder for results; the table. */
export function writeReport(results: Results, facts: RunFacts): string {
  const { options } = facts;
  mkdirSync(options.results, { recursive: true });
  const settings = results.settings();
  const sections = settings.flatMap((setting) => ['', `## ${heading(setting)}`, '', ...settingTable(results, setting)]);
  const text = [...introduction(facts), ...sections, '', ...goalLines(results), ''].join('\n');
  writeFileSync(join(options.results, 'mount.md'), text);
  const shown = settings.at(-1);
  if (shown !== undefined) writeFileSync(join(options.results, 'mount.svg'), chart(results, shown));
  return text;
}

function introduction({ options, missing }: RunFacts): string[] {
  const { rounds, files, megabytes, cap } = options;
  const sizes = `${files.toLocaleString('en')} small files, ${megabytes} MiB at S3, medians of ${rounds}`;
  return [
    '# The mount beside its peers',
    '',
    `Seconds, as \`until the program returns / until everything is at the server\`. ${sizes}; what takes more than ${cap / 1000} s is broken off.`,
    `Linux ${release()}, ${arch()}, ${cpus().length} processors, everything on one machine (\`npm run bench\`, see bench/README.md).`,
    'Figures of one run are to be compared with each other, not with those of another.',
    ...(missing.length === 0 ? [] : ['', `Not measured, because it is not installed: ${missing.join(', ')}.`]),
  ];
}

function heading(setting: Setting): string {
  return setting === 'disk' ? 'Over a directory' : `Over S3, ${setting} ms round trip`;
}

function settingTable(results: Results, setting: Setting): string[] {
  const rows = results.rows(setting);
  const names = columns[setting === 'disk' ? 'disk' : 's3'].filter((name) =>
    rows.some((row) => results.figure(setting, name, row) !== undefined),
  );
  const peer = setting === 'disk' ? 'bindfs' : direct;
  const moved = setting === 'disk' ? [] : ['our MB up / down', 'our requests'];
  return tableLines(
    ['workload', ...names, 'ours / raw disk', `ours / ${peer}`, ...moved],
    rows.map((row) => {
      const figure = (name: string): Figure | undefined => results.figure(setting, name, row);
      const ours = figure('CloudFusion');
      const line = setting === 'disk' ? [] : lineCells(ours);
      return [
        row,
        ...names.map((name) => cell(figure(name))),
        ratio(ours, figure('raw disk')),
        ratio(ours, figure(peer)),
        ...line,
      ];
    }),
  );
}

function cell(figure: Figure | undefined): string {
  if (figure === undefined) return '';
  const { seconds, settled, broken } = figure;
  return (
    broken ?? (settled === undefined || settled === seconds ? text(seconds) : `${text(seconds)} / ${text(settled)}`)
  );
}

/** Of the time until the program returns, and of the time until everything is at the server where both have it. */
function ratio(ours: Figure | undefined, other: Figure | undefined): string {
  if (ours === undefined || other === undefined || ours.broken !== undefined || other.broken !== undefined) return '';
  if (ours.settled !== undefined && other.settled !== undefined) return (ours.settled / other.settled).toFixed(2);
  return (ours.seconds / other.seconds).toFixed(2);
}

function lineCells(figure: Figure | undefined): string[] {
  const { line } = figure ?? {};
  if (line === undefined) return ['', ''];
  const requests = Object.entries(line.requests).map(([method, count]) => `${Math.round(count)} ${method}`);
  return [`${(line.up / 1e6).toFixed(1)} / ${(line.down / 1e6).toFixed(1)}`, requests.join(', ')];
}

function text(seconds: number): string {
  return seconds.toFixed(seconds < 1 ? 3 : seconds < 10 ? 2 : 1);
}

function goalLines(results: Results): string[] {
  const goals = judgeGoals(results);
  if (goals.length === 0) return [];
  const rows = goals.map(({ setting, row, text, found, met }) => [
    textOf(setting),
    row,
    text,
    found,
    met ? 'met' : 'missed',
  ]);
  const lines = tableLines(['where', 'workload', 'goal', 'found', ''], rows);
  return [
    '## Goals',
    '',
    'L is the plain disk, D the direct tool with 32 connections, both in the same run.',
    '',
    ...lines,
  ];
}

function chart(results: Results, setting: Setting): string {
  const names = columns[setting === 'disk' ? 'disk' : 's3'];
  const groups = results.rows(setting).map((row): BarGroup => {
    const bars = names.flatMap((name) => {
      const figure = results.figure(setting, name, row);
      if (figure === undefined) return [];
      const value = figure.broken === undefined ? (figure.settled ?? figure.seconds) : undefined;
      return [{ name, value, text: value === undefined ? cell(figure) : `${cell(figure)} s` }];
    });
    return { title: row, bars };
  });
  return barChart(
    `The mount ${textOf(setting)}`,
    'Seconds until everything is at the server; shorter is better',
    groups,
  );
}
