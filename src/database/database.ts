import { open } from 'node:fs/promises';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** A value as SQLite keeps it. */
export type SqlValue = SQLInputValue;
/** A row of a result, by column. */
export type SqlRow = Record<string, SqlValue>;

/** Options of `Database`. */
export interface DatabaseOptions {
  /** SQL of each version in order; the database's own version is how many of them it has run. Never change one that was released. */
  readonly migrations: readonly string[];
}

/**
 * Small pages, because a commit copies whole pages and most change a few rows; exclusive, because nobody else reads the file,
 * and then no commit asks the system for locks. The log is folded in when it has 64 MiB.
 */
const settings = `
  PRAGMA page_size = 1024;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 65536`;

/**
 * One SQLite database in a file, used by one process.
 *
 * The journal is a write-ahead log and `synchronous` is NORMAL (sqlite.org/pragma.html): a commit survives the death of the
 * process, and a power cut never corrupts the file but may take the newest commits with it. `makeDurable` closes that gap for
 * who needs it, without a wait for the disk in every commit.
 */
export class Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #byPosition = new Map<string, StatementSync>();
  readonly #path: string;
  #depth = 0;

  /** Opens or creates the file. Throws `NewerDatabaseError` when a newer program made it. */
  constructor(path: string, options: DatabaseOptions) {
    this.#path = path;
    this.#connection = new DatabaseSync(path);
    try {
      this.#connection.exec(settings);
      this.#migrate(options.migrations);
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  #migrate(migrations: readonly string[]): void {
    const version = Number(this.first('PRAGMA user_version')?.['user_version']);
    if (version > migrations.length) throw new NewerDatabaseError(this.#path, version, migrations.length);
    for (let next = version; next < migrations.length; next++) {
      this.transaction(() => this.#connection.exec(`${migrations[next]}; PRAGMA user_version = ${next + 1}`));
    }
  }

  /** Whether a transaction is under way: not any more after an error for which SQLite rolled it back. */
  get isInTransaction(): boolean {
    return this.#connection.isTransaction;
  }

  /**
   * Runs a statement that changes something, and answers how many rows it has changed. Each distinct text is prepared once: pass
   * values, never paste them in.
   */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  first(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return this.#prepared(sql).get(...values);
  }

  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    return this.#prepared(sql).all(...values);
  }

  /** As `all`, each row as the values of its columns in their order: half the cost where rows are many. */
  rows(sql: string, ...values: SqlValue[]): SqlValue[][] {
    let statement = this.#byPosition.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      statement.setReturnArrays(true);
      this.#byPosition.set(sql, statement);
    }
    return statement.all(...values) as unknown as SqlValue[][];
  }

  /** All of `work` or nothing. A transaction inside another is part of it. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.run('BEGIN IMMEDIATE');
    this.#depth++;
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) this.run('ROLLBACK');
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /** Everything committed before this call survives a power cut when the promise resolves. */
  async makeDurable(): Promise<void> {
    const log = await open(`${this.#path}-wal`, 'r+');
    try {
      await log.datasync();
    } finally {
      await log.close();
    }
  }

  /** Closes the file; the log is folded into it. */
  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** The file was written by a newer version of the program, whose changes this one cannot know. */
export class NewerDatabaseError extends Error {
  constructor(path: string, version: number, known: number) {
    super(
      `${path} was written by a newer version (format ${version}, this program knows ${known}); use that version, or another cache directory`,
    );
    this.name = 'NewerDatabaseError';
  }
}
