import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type CheckpointLimits, Checkpoints } from './checkpoints.ts';
import { isDamage } from './damage.ts';
import { closeToOthers, makeClosedFile } from './closed-file.ts';
import { isSchemaOf } from './schema.ts';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** A value as SQLite keeps it. */
export type SqlValue = SQLInputValue;
/** A row of a result, by column. */
export type SqlRow = Record<string, SqlValue>;

/** Options of `Database`. */
export interface DatabaseOptions {
  /** SQL of each version in order; the database's own version is how many of them it has run. Never change one that was released. */
  readonly migrations: readonly string[];
  /** For tests. */
  readonly checkpoints?: CheckpointLimits | undefined;
}

/**
 * Small pages, because a commit copies whole pages and most change a few rows. `Checkpoints` folds the log in; one that grew long
 * takes no more than 16 MiB of the disk afterwards.
 */
const settings = `
  PRAGMA page_size = 1024;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA journal_size_limit = 16777216`;

/** Milliseconds for which a lock is waited for; a checkpoint holds none that is needed for longer than an instant. */
const patience = 5000;

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
  readonly #migrations: readonly string[];
  readonly #checkpoints: Checkpoints;
  #onDamage: ((error: Error) => void) | undefined;
  #depth = 0;

  /** Opens or creates the file, for its owner alone. Throws `NewerDatabaseError` when a newer program made it. */
  constructor(path: string, options: DatabaseOptions) {
    this.#path = path;
    this.#migrations = options.migrations;
    // SQLite gives the log and its index the permissions of the file.
    makeClosedFile(path);
    for (const suffix of ['-wal', '-shm']) closeToOthers(path + suffix);
    this.#connection = new DatabaseSync(path, { timeout: patience });
    this.#checkpoints = new Checkpoints(path, this, options.checkpoints);
    try {
      this.#connection.exec(settings);
      this.#keepLog();
      this.#migrate();
    } catch (error) {
      this.#connection.close();
      throw error;
    }
  }

  /**
   * Exclusive, because nobody else reads the file, and then no commit asks the system for locks; but only after a first look at the log, whose
   * index would be out of the reach of `Checkpoints` otherwise. On a file system without shared memory that is the only way.
   */
  #keepLog(): void {
    const mode = this.first('PRAGMA journal_mode = WAL')?.['journal_mode'];
    this.share(true);
    this.share(false);
    if (mode !== 'wal') this.#connection.exec('PRAGMA journal_mode = WAL');
  }

  #migrate(): void {
    const migrations = this.#migrations;
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
    const { changes } = this.#watched(() => this.#prepared(sql).run(...values));
    this.#checkpoints.count();
    return Number(changes);
  }

  first(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return this.#watched(() => this.#prepared(sql).get(...values));
  }

  all(sql: string, ...values: SqlValue[]): SqlRow[] {
    return this.#watched(() => this.#prepared(sql).all(...values));
  }

  /** As `all`, each row as the values of its columns in their order: half the cost where rows are many. */
  rows(sql: string, ...values: SqlValue[]): SqlValue[][] {
    let statement = this.#byPosition.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      statement.setReturnArrays(true);
      this.#byPosition.set(sql, statement);
    }
    const prepared = statement;
    return this.#watched(() => prepared.all(...values)) as unknown as SqlValue[][];
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

  /** As `makeDurable`, when it returns. Throws the error of the file system. */
  makeDurableNow(): void {
    const log = openSync(`${this.#path}-wal`, 'r+');
    try {
      fdatasyncSync(log);
    } finally {
      closeSync(log);
    }
  }

  /** For `Checkpoints`: whether another connection may come to the file. The next use of the file decides. */
  share(shared: boolean): void {
    const [mode, use] = shared
      ? ['NORMAL', 'SELECT 1 FROM sqlite_schema LIMIT 1']
      : ['EXCLUSIVE', 'BEGIN IMMEDIATE; COMMIT'];
    this.#connection.exec(`PRAGMA locking_mode = ${mode}; ${use}`);
  }

  /** For `Checkpoints`: folds the log into the file, as far as the disk takes it. */
  checkpoint(): void {
    this.first('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** Closes the file; the log is folded into it. */
  close(): void {
    this.#checkpoints.close();
    if (this.#connection.isOpen) this.#connection.close();
  }

  /** `tell` is called once when a statement finds that the file is damaged; the statement throws all the same. */
  whenDamaged(tell: (error: Error) => void): void {
    this.#onDamage = tell;
  }

  /** Looks through the whole file. Whether it is a sound database; tables are compared with their indexes, which takes several times as long, by `thorough`. */
  isSound({ thorough = false }: { readonly thorough?: boolean } = {}): boolean {
    const check = thorough ? 'integrity_check' : 'quick_check';
    try {
      return this.first(`PRAGMA ${check}(1)`)?.[check] === 'ok' && isSchemaOf(this.#connection, this.#migrations);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return false;
    }
  }

  #watched<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isDamage(error)) {
        this.#onDamage?.(error as Error);
        this.#onDamage = undefined;
      }
      throw error;
    }
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
