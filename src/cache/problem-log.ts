import type { Problem } from './cache-report.ts';

/** How many problems are kept for the reports. */
const kept = 100;

/** The newest problems that a person should know of. */
export class ProblemLog {
  readonly #problems: Problem[] = [];

  add(problem: Omit<Problem, 'at'>): void {
    this.#problems.push({ ...problem, at: Date.now() });
    if (this.#problems.length > kept) this.#problems.shift();
  }

  /** Oldest first. */
  all(): readonly Problem[] {
    return [...this.#problems];
  }
}
