import type { Problem } from './cache-report.ts';

/** How many problems are kept for the reports. */
const kept = 100;

/** The newest problems that a person should know of. */
export class ProblemLog {
  readonly #problems: Problem[] = [];

  /** One that happened just now, unless it says when. */
  add(problem: Omit<Problem, 'at'> & Partial<Pick<Problem, 'at'>>): void {
    this.#problems.push({ at: Date.now(), ...problem });
    if (this.#problems.length > kept) this.#problems.shift();
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
