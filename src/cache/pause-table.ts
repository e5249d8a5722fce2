import type { Database } from '../database/database.ts';

/** The table behind `PauseTable`, and where a node says that its upload is held. */
export const uploadControlTable = `CREATE TABLE upload_pause (id INTEGER PRIMARY KEY CHECK (id = 1), until REAL) STRICT;
  ALTER TABLE node ADD COLUMN held INTEGER NOT NULL DEFAULT 0`;

/** Until when nothing is sent, over restarts: at most one row, whose time is NULL when only a person ends the pause. */
export class PauseTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Milliseconds since the epoch; `Infinity` without an end, 0 for no pause. */
  load(): number {
    const row = this.#database.first('SELECT until FROM upload_pause');
    if (row === undefined) return 0;
    return row['until'] === null ? Infinity : Number(row['until']);
  }

  save(until: number): void {
    if (until === 0) this.#database.run('DELETE FROM upload_pause');
    else
      this.#database.run(
        'INSERT INTO upload_pause VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET until = excluded.until',
        until === Infinity ? null : until,
      );
  }
}
