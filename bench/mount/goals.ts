import type { Figure } from './figure.ts';
import { direct, type Results, type Setting } from './run.ts';

/** A figure of ours beside what it shall be. */
export interface Goal {
  readonly setting: Setting;
  readonly row: string;
  /** In words. */
  readonly text: string;
  /** What it is, in the words of the goal. */
  readonly found: string;
  readonly met: boolean;
}

/** The round trip for which the goals over S3 are set, in milliseconds. */
const goalRoundTrip = 50;
const ours = 'CloudFusion';
const raw = 'raw disk';

interface Rule {
  readonly row: RegExp;
  readonly setting: Setting;
  readonly judge: (figure: Figure, other: (subject: string) => Figure | undefined) => Omit<Goal, 'setting' | 'row'>[];
}

type Part = 'seconds' | 'settled';

const rules: readonly Rule[] = [
  atS3(/^copy in$/, atMost('seconds', 2, raw, 'L'), atMost('settled', 1.2, direct, 'D')),
  atS3(/^read small, cold$/, atMost('seconds', 1.5, direct, 'D')),
  atS3(/^read small, warm$/, atMost('seconds', 2, raw, 'L')),
  atS3(/^write large$/, atMost('seconds', 1.2, raw, 'L'), atMost('settled', 1, direct, 'D')),
  atS3(/^read large, cold$/, atMost('seconds', 1.15, direct, 'D')),
  atS3(/^read large, warm$/, atMost('seconds', 1.15, raw, 'L')),
  atS3(/^random reads, cold$/, inRoundTrips(200), moved('down', 25)),
  atS3(/^ls -l of .*, cold$/, atMost('seconds', 1.3, direct, 'the pages'), few('HEAD')),
  atS3(/^ls -l of .*, warm$/, atMost('seconds', 1.5, raw, 'L')),
  atS3(/^rm -rf$/, atMost('seconds', 2, raw, 'L'), atMost('settled', 0.5, direct, 'D')),
  atS3(/^append$/, moved('up', 10)),
  atS3(/^(git clone|tar x)$/, atMost('seconds', 2, raw, 'L'), atMost('settled', 1.5, direct, 'D')),
  overDisk(/^(create|stat, cold|unlink)$/, rate(1.5, 'bindfs')),
  overDisk(/^read, 1 MiB blocks, page cache dropped$/, sequential),
];

/** Every goal for which there are figures. */
export function judgeGoals(results: Results): Goal[] {
  return results.settings().flatMap((setting) =>
    results.rows(setting).flatMap((row) => {
      const figure = results.figure(setting, ours, row);
      if (figure === undefined) return [];
      const rule = rules.filter((rule) => rule.setting === setting && rule.row.test(row));
      const other = (subject: string): Figure | undefined => results.figure(setting, subject, row);
      return rule.flatMap(({ judge }) => judge(figure, other)).map((goal) => ({ setting, row, ...goal }));
    }),
  );
}

function atS3(row: RegExp, ...judges: Rule['judge'][]): Rule {
  return { row, setting: goalRoundTrip, judge: (...figures) => judges.flatMap((judge) => judge(...figures)) };
}

function overDisk(row: RegExp, judge: Rule['judge']): Rule {
  return { row, setting: 'disk', judge };
}

/** So many times the seconds of somebody else. */
function atMost(part: Part, factor: number, subject: string, called: string): Rule['judge'] {
  const words = { seconds: 'returns', settled: 'at the server' };
  return (figure, other) => {
    const yardstick = other(subject);
    const [own, its] = [secondsOf(figure, part), yardstick && secondsOf(yardstick, part)];
    if (its === undefined) return [];
    const text = `${words[part]} in ${factor} ${called}`;
    if (own === undefined) return [{ text, found: figure.broken ?? 'not measured', met: false }];
    return [{ text, found: `${(own / its).toFixed(2)} ${called}`, met: own <= factor * its }];
  };
}

/** Only one that got through is a yardstick; where nothing has to arrive, it arrived at once. */
function secondsOf({ seconds, settled, broken }: Figure, part: Part): number | undefined {
  if (broken !== undefined) return undefined;
  return part === 'settled' ? settled : seconds;
}

function rate(factor: number, subject: string): Rule['judge'] {
  return (figure, other) => {
    const its = other(subject)?.seconds;
    if (its === undefined) return [];
    const found = its / figure.seconds;
    const met = figure.broken === undefined && found >= factor;
    return [{ text: `${factor} of the rate of ${subject}`, found: figure.broken ?? found.toFixed(2), met }];
  };
}

/** Where the kernel reads by itself, the rate of the plain disk is the measure; elsewhere that of bindfs is enough. */
function sequential(figure: Figure, other: (subject: string) => Figure | undefined): Omit<Goal, 'setting' | 'row'>[] {
  return [
    ...rate(0.9, raw)(figure, other).map((goal) => ({ ...goal, text: `${goal.text}, with passthrough` })),
    ...rate(0.9, 'bindfs')(figure, other).map((goal) => ({ ...goal, text: `${goal.text}, without passthrough` })),
  ];
}

function inRoundTrips(count: number): Rule['judge'] {
  return ({ seconds, broken }) => {
    const found = (seconds * 1000) / goalRoundTrip;
    const met = broken === undefined && found <= count;
    return [{ text: `in ${count} round trips`, found: broken ?? found.toFixed(0), met }];
  };
}

function moved(direction: 'up' | 'down', megabytes: number): Rule['judge'] {
  return ({ line, broken }) => {
    const found = (line?.[direction] ?? Number.NaN) / 1e6;
    const met = broken === undefined && found <= megabytes;
    return [{ text: `${megabytes} MB ${direction}`, found: broken ?? found.toFixed(1), met }];
  };
}

/** As many as a listing may need for reasons of its own, and not one a name. */
function few(method: string): Rule['judge'] {
  const most = 10;
  return ({ line, broken }) => {
    const found = line?.requests[method] ?? 0;
    return [
      { text: `no ${method} a name`, found: broken ?? String(found), met: broken === undefined && found <= most },
    ];
  };
}
