import type { Database } from '../database/database.ts';
import type { Problem } from './cache-report.ts';

/** The table behind `ProblemTable`. */
export const problemTable =
  'CREATE TABLE problem (id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, message TEXT NOT NULL) STRICT';

/** Milliseconds for which a problem is remembered: thirty days. */
const lasting = 30 * 24 * 3600 * 1000;

/** Problems that a person is told of over restarts, because nothing else in the cache remembers them: conflict copies. */
export class ProblemTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Those of the last thirty days, the newest `most`, oldest first. */
  load(now: number, most: number): Problem[] {
    const sql = 'SELECT at, kind, path, message FROM problem WHERE at >= ? ORDER BY id DESC LIMIT ?';
    const problems = this.#database.all(sql, now - lasting, most).map(({ at, kind, path, message }) => ({
      at: Number(at),
      kind: kind as Problem['kind'],
      path: path as string,
      message: message as string,
    }));
    return problems.reverse();
  }

  /** Forgets all but the newest `most`. Throws what the database throws on a full disk. */
  add({ at, kind, path, message }: Problem, most: number): void {
    const values = [at, kind, path, message];
    this.#database.run('INSERT INTO problem (at, kind, path, message) VALUES (?, ?, ?, ?)', ...values);
    this.#database.run('DELETE FROM problem WHERE id <= (SELECT max(id) FROM problem) - ?', most);
  }
}
