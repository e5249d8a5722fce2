import type { Problem } from './cache-report.ts';
import { diskFull } from './disk-full.ts';
import type { ProblemTable } from './problem-table.ts';

/** How many problems are kept for the reports. */
const kept = 100;

/** The newest problems that a person should know of. */
export class ProblemLog {
  readonly #problems: Problem[];
  readonly #table: ProblemTable;

  /** Begins with what `table` remembers. */
  constructor(table: ProblemTable) {
    this.#table = table;
    this.#problems = table.load(Date.now(), kept);
  }

  /** One that happened just now, unless it says when. */
  add(problem: Omit<Problem, 'at'> & Partial<Pick<Problem, 'at'>>): void {
    this.#problems.push({ at: Date.now(), ...problem });
    if (this.#problems.length > kept) this.#problems.shift();
  }

  /** One that the next run of the cache tells of too. */
  addLasting(problem: Omit<Problem, 'at'>): void {
    const happened = { at: Date.now(), ...problem };
    this.add(happened);
    try {
      this.#table.add(happened, kept);
    } catch (error) {
      // On a full disk it is told until the cache closes.
      if (diskFull(error) === undefined) throw error;
    }
  }

  /** The same, unless there is one of its kind about its path among those that are kept. */
  addOnce(problem: Omit<Problem, 'at'>): void {
    if (!this.#problems.some(({ kind, path }) => kind === problem.kind && path === problem.path)) this.add(problem);
  }

  /** Oldest first. */
  all(): readonly Problem[] {
    return [...this.#problems];
  }
}
