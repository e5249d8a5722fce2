import type { Database } from '../database/database.ts';

/** The table behind `FeedTable`. */
export const feedTable =
  'CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), position TEXT NOT NULL, since REAL NOT NULL) STRICT';

/** How far the store's changes were followed. */
export interface FollowedFeed {
  /** Of `Store.changes`. */
  readonly position: string;
  /** All changes after this time were told, in milliseconds since the epoch. */
  readonly since: number;
}

/** How far the store's changes were followed, over restarts. */
export class FeedTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  load(): FollowedFeed | undefined {
    const row = this.#database.first('SELECT position, since FROM feed');
    return row === undefined ? undefined : { position: row['position'] as string, since: Number(row['since']) };
  }

  save({ position, since }: FollowedFeed): void {
    const values = 'ON CONFLICT (id) DO UPDATE SET position = excluded.position, since = excluded.since';
    this.#database.run(`INSERT INTO feed VALUES (1, ?, ?) ${values}`, position, since);
  }
}
