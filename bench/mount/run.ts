import type { Arena } from './arena.ts';
import { DirectTool } from './direct-tool.ts';
import { type Figure, type Figures, medianFigure } from './figure.ts';
import type { Below, Subject } from './subject.ts';
import { Trial } from './trial.ts';
import type { Workload } from './workload.ts';

/** The name of the direct tool among the subjects. */
export const direct = 'direct tool';

/** Where something was measured: over the disk, or over S3 with a round trip in milliseconds. */
export type Setting = 'disk' | number;

/** Everything that was measured until now. */
export class Results {
  readonly #figures = new Map<string, Figure[]>();
  readonly #rows = new Map<Setting, string[]>();

  add(setting: Setting, subject: string, figures: Figures): void {
    const rows = this.#rows.get(setting) ?? [];
    this.#rows.set(setting, rows);
    for (const [row, figure] of Object.entries(figures)) {
      if (!rows.includes(row)) rows.push(row);
      const key = keyOf(setting, subject, row);
      this.#figures.set(key, [...(this.#figures.get(key) ?? []), figure]);
    }
  }

  settings(): Setting[] {
    return [...this.#rows.keys()];
  }

  /** What was measured, in order. */
  rows(setting: Setting): readonly string[] {
    return this.#rows.get(setting) ?? [];
  }

  /** The medians; undefined where it was not measured. */
  figure(setting: Setting, subject: string, row: string): Figure | undefined {
    return medianFigure(this.#figures.get(keyOf(setting, subject, row)) ?? []);
  }
}

/** Measures one workload with all subjects, alternating, in every setting. */
export async function runWorkload(
  arena: Arena,
  workload: Workload,
  subjects: readonly Subject[],
  results: Results,
): Promise<void> {
  tell(`${workload.name}: prepare`);
  await workload.prepare?.(arena);
  const given = new Set<string>();
  for (let round = 1; round <= arena.options.rounds; round++) {
    for (const setting of settingsOf(arena, workload)) {
      if (typeof setting === 'number') await arena.bucket.line.setRoundTrip(setting);
      for (const subject of subjectsOf(setting, subjects)) {
        const key = keyOf(setting, subject.name, '');
        if (given.has(key)) continue;
        const figures = await measure(arena, workload, subject);
        results.add(setting, subject.name, figures);
        tell(`${workload.name}, round ${round}, ${textOf(setting)}, ${subject.name}: ${summary(figures)}`);
        // What was too long once is too long: the time is better spent on the others.
        if (Object.values(figures).some(({ broken }) => broken !== undefined)) given.add(key);
      }
      if (typeof setting === 'number' && workload.direct !== undefined) {
        const figures = await measureDirectly(arena, workload.direct);
        results.add(setting, direct, figures);
        tell(`${workload.name}, round ${round}, ${textOf(setting)}, ${direct}: ${summary(figures)}`);
      }
    }
  }
}

/** How a setting is called. */
export function textOf(setting: Setting): string {
  return setting === 'disk' ? 'over the disk' : `over S3, ${setting} ms`;
}

async function measure(arena: Arena, workload: Workload, subject: Subject): Promise<Figures> {
  const trial = new Trial(arena, subject);
  try {
    await trial.mount();
    return await workload.measure(trial);
  } finally {
    await trial.end();
  }
}

async function measureDirectly(arena: Arena, run: NonNullable<Workload['direct']>): Promise<Figures> {
  const tool = new DirectTool(arena);
  try {
    return await run(tool);
  } finally {
    await tool.end();
  }
}

function settingsOf({ options }: Arena, { over }: Workload): Setting[] {
  const disk: Setting[] = over.includes('disk') ? ['disk'] : [];
  return [...disk, ...(over.includes('s3') ? options.roundTrips : [])];
}

/** Beside S3, the plain disk is measured as well: it is the yardstick L. */
function subjectsOf(setting: Setting, subjects: readonly Subject[]): Subject[] {
  const below: Below = setting === 'disk' ? 'disk' : 's3';
  return subjects.filter((subject) => subject.below === below || subject.name === 'raw disk');
}

function keyOf(setting: Setting, subject: string, row: string): string {
  return `${setting}/${subject}/${row}`;
}

function summary(figures: Figures): string {
  return Object.entries(figures)
    .map(([row, { seconds, settled, broken }]) => {
      const sent = settled === undefined ? '' : ` / ${settled.toFixed(2)}`;
      return `${row} ${broken ?? `${seconds.toFixed(seconds < 1 ? 3 : 2)}${sent} s`}`;
    })
    .join('; ');
}

function tell(text: string): void {
  process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
}
