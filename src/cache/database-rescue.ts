import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../database/database.ts';
import { salvage } from '../database/salvage.ts';
import { DataFiles } from './data-files.ts';
import type { LostAndFound } from './lost-and-found.ts';
import { nodeMigrations } from './node-table.ts';
import { dropOrphans } from './orphans.ts';

/** In this order, so that what refers to something comes after it. */
const tables = ['counter', 'node', 'inline_content', 'upload', 'upload_pause', 'problem'];

/** Where the database of a cache is, and what lies beside it while it is rescued. */
function placesIn(directory: string): { database: string; unfinished: string; rescued: string; marker: string } {
  const database = join(directory, 'index.db');
  return {
    database,
    unfinished: `${database}.new`,
    rescued: `${database}.rescued`,
    marker: join(directory, 'damaged'),
  };
}

/** Notes that the database was found damaged, so that the next opening looks through it. */
export function markDamaged(directory: string): void {
  writeFileSync(placesIn(directory).marker, '', { mode: 0o600 });
}

/** Whether an earlier run found the database damaged. */
export function isMarkedDamaged(directory: string): boolean {
  return existsSync(placesIn(directory).marker);
}

/** The database was looked through, and is sound. */
export function unmarkDamaged(directory: string): void {
  rmSync(placesIn(directory).marker, { force: true });
}

/** Finishes what an earlier process began, when it died between the last steps of `rescueDatabase`. */
export function finishRescue(directory: string, lostAndFound: LostAndFound): void {
  if (existsSync(placesIn(directory).rescued)) putInPlace(directory, lostAndFound, 'its rows were copied before');
}

/**
 * Makes a new database out of all rows of a damaged one that can still be read, and puts that aside. Contents whose rows are lost go to
 * `lost+found`. What the store has is listed again. May be repeated after the process died at any moment: until the new one is whole, the
 * damaged one stays where it is.
 */
export function rescueDatabase(directory: string, lostAndFound: LostAndFound): void {
  const { database, unfinished, rescued } = placesIn(directory);
  for (const ending of ['', '-wal', '-shm']) rmSync(unfinished + ending, { force: true });
  const fresh = new Database(unfinished, { migrations: nodeMigrations });
  let summary: string;
  try {
    const salvaged = salvage(database, fresh, tables);
    summary = salvaged
      .map(({ table, rows, isDamaged }) => `${table}: ${rows}${isDamaged ? ', not all' : ''}`)
      .join('; ');
    dropOrphans(fresh, new DataFiles(join(directory, 'data')), lostAndFound);
  } finally {
    fresh.close();
  }
  renameSync(unfinished, rescued);
  putInPlace(directory, lostAndFound, `rows that could be read: ${summary}`);
}

/** The damaged log goes first: the new database must never find it beside itself. */
function putInPlace(directory: string, lostAndFound: LostAndFound, details: string): void {
  const { database, rescued, marker } = placesIn(directory);
  const message = `the database of the cache is damaged and was put aside; what could be read of it is used further (${details})`;
  rmSync(`${database}-shm`, { force: true });
  if (existsSync(`${database}-wal`))
    lostAndFound.take(`${database}-wal`, 'index.db-wal', { message: 'the log of a damaged database of the cache' });
  if (existsSync(database)) lostAndFound.take(database, 'index.db', { message });
  renameSync(rescued, database);
  rmSync(marker, { force: true });
}
