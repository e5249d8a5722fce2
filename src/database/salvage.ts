import { DatabaseSync } from 'node:sqlite';
import { isDamage } from './damage.ts';
import type { Database, SqlValue } from './database.ts';

/** So many ranges of a table may turn out unreadable before the rest of it is given up: some seconds. */
const mostFailures = 20_000;
/** Larger than any row's number, where the largest cannot be read. */
const farEnd = 2 ** 40;

/** How much of a table could be read. */
export interface Salvaged {
  readonly table: string;
  readonly rows: number;
  /** Whether some of it could not be read. */
  readonly isDamaged: boolean;
}

/**
 * Copies every row that can still be read from a damaged database, which is only read, into a new one with the same tables; an older
 * one may lack columns. What the new one does not take, because it contradicts the type of its column, counts as damaged.
 */
export function salvage(damaged: string, fresh: Database, tables: readonly string[]): Salvaged[] {
  const source = new DatabaseSync(damaged, { readOnly: true });
  try {
    return tables.map((table) => fresh.transaction(() => salvageTable(source, fresh, table)));
  } finally {
    source.close();
  }
}

function salvageTable(source: DatabaseSync, fresh: Database, table: string): Salvaged {
  const known = fresh.all(`PRAGMA table_info(${table})`).map(({ name }) => name as string);
  const there = namesOfColumns(source, table);
  // As many columns are the same ones, whatever the damage has made of their names.
  const isSame = there.length === known.length;
  const columns = isSame ? known : known.filter((name) => there.includes(name));
  if (columns.length === 0) return { table, rows: 0, isDamaged: true };
  const marks = columns.map(() => '?').join(', ');
  const insert = `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${marks})`;
  const reading = new Reading(source, table, isSame ? ['*'] : columns);
  let rows = 0;
  for (const row of reading.rows()) {
    try {
      rows += fresh.run(insert, ...row);
    } catch (error) {
      if (!isRefused(error)) throw error;
      reading.isDamaged = true;
    }
  }
  return { table, rows, isDamaged: reading.isDamaged };
}

function namesOfColumns(source: DatabaseSync, table: string): string[] {
  try {
    return source
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => name as string);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [];
  }
}

/** The rows of a table around those that cannot be read: a range that fails is halved until what fails is a single row. */
class Reading {
  readonly #source: DatabaseSync;
  readonly #select: string;
  readonly #table: string;
  #failures = 0;
  isDamaged = false;

  constructor(source: DatabaseSync, table: string, columns: readonly string[]) {
    this.#source = source;
    this.#table = table;
    this.#select = `SELECT rowid, ${columns.join(', ')} FROM ${table} WHERE rowid BETWEEN ? AND ? ORDER BY rowid`;
  }

  rows(): Generator<SqlValue[]> {
    return this.#ranges(0, this.#largest());
  }

  #largest(): number {
    try {
      return Number(this.#source.prepare(`SELECT max(rowid) AS n FROM ${this.#table}`).get()?.['n'] ?? 0);
    } catch (error) {
      this.#note(error);
      return farEnd;
    }
  }

  /** The lower half first: behind the last row that can be read, all of the far end fails. */
  *#ranges(first: number, last: number): Generator<SqlValue[]> {
    const left = [{ from: first, to: last }];
    for (let range = left.pop(); range !== undefined && this.#failures <= mostFailures; range = left.pop()) {
      const next = yield* this.#rowsIn(range.from, range.to);
      if (next === undefined || next >= range.to) continue;
      const middle = next + Math.floor((range.to - next) / 2);
      left.push({ from: middle + 1, to: range.to }, { from: next, to: middle });
    }
  }

  /** Answers the first number that could not be read, undefined where all could. Pages that lead in a circle tell rows that were told. */
  *#rowsIn(from: number, to: number): Generator<SqlValue[], number | undefined> {
    let next = from;
    try {
      const statement = this.#source.prepare(this.#select);
      statement.setReturnArrays(true);
      for (const row of statement.iterate(from, to) as Iterable<unknown> as Iterable<SqlValue[]>) {
        if (Number(row[0]) < next) return this.#failed(next);
        next = Number(row[0]) + 1;
        yield row.slice(1);
      }
      return undefined;
    } catch (error) {
      this.#note(error);
      return next;
    }
  }

  #failed(next: number): number {
    this.isDamaged = true;
    this.#failures++;
    return next;
  }

  #note(error: unknown): void {
    if (!isDamage(error)) throw error;
    this.#failed(0);
  }
}

const constraint = 19;
const mismatch = 20;

function isRefused(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return false;
  const primary = error.errcode & 0xff;
  return primary === constraint || primary === mismatch;
}
