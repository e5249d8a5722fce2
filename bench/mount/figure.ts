import { median } from '../report.ts';
import type { LineFigures } from './line.ts';

/** What one subject needed for one thing. */
export interface Figure {
  /** Until the program returned. */
  readonly seconds: number;
  /** Until the server had it as well; undefined where nothing has to arrive there. */
  readonly settled?: number | undefined;
  /** Why it is no result: it took too long, or failed. */
  readonly broken?: string | undefined;
  /** What went over the line meanwhile. */
  readonly line?: LineFigures | undefined;
}

/** Figures by what was measured, in the order of the table. */
export type Figures = Readonly<Record<string, Figure>>;

/** What several rounds come to: medians; the first broken one where one was, so that no failure is averaged away. */
export function medianFigure(figures: readonly Figure[]): Figure | undefined {
  if (figures.length === 0) return undefined;
  const failed = figures.find(({ broken }) => broken !== undefined);
  if (failed !== undefined) return failed;
  const settled = figures.flatMap((figure) => figure.settled ?? []);
  const lines = figures.flatMap(({ line }) => line ?? []);
  return {
    seconds: median(figures.map(({ seconds }) => seconds)),
    ...(settled.length > 0 && { settled: median(settled) }),
    ...(lines.length > 0 && { line: medianLine(lines) }),
  };
}

function medianLine(lines: readonly LineFigures[]): LineFigures {
  const methods = [...new Set(lines.flatMap(({ requests }) => Object.keys(requests)))];
  return {
    up: median(lines.map(({ up }) => up)),
    down: median(lines.map(({ down }) => down)),
    connections: median(lines.map(({ connections }) => connections)),
    requests: Object.fromEntries(
      methods.map((method) => [method, median(lines.map(({ requests }) => requests[method] ?? 0))]),
    ),
  };
}
