import { join } from 'node:path';
import { DamagedDatabase, isDamage } from '../database/damage.ts';
import { Database } from '../database/database.ts';
import { finishRescue, isMarkedDamaged, rescueDatabase, unmarkDamaged } from './database-rescue.ts';
import type { LostAndFound } from './lost-and-found.ts';
import { nodeMigrations } from './node-table.ts';
import { machineDied } from './recovery.ts';

/**
 * Opens the database of a cache and does `work`, which reads from it. A damaged one is put aside and what can be read of it used further. All of
 * it is looked through where there is a reason: the machine went down, or a statement of an earlier run found damage. Throws
 * `NewerDatabaseError`, and what `work` throws; then the database is closed.
 */
export function withSoundDatabase<T>(
  directory: string,
  lostAndFound: LostAndFound,
  work: (database: Database) => T,
): T {
  finishRescue(directory, lostAndFound);
  const thorough = isMarkedDamaged(directory);
  const isSuspect = thorough || machineDied(directory);
  try {
    return withDatabase(directory, (database) => {
      if (isSuspect && !database.isSound({ thorough })) throw new DamagedDatabase('it was looked through');
      unmarkDamaged(directory);
      return work(database);
    });
  } catch (error) {
    if (!isDamage(error)) throw error;
    rescueDatabase(directory, lostAndFound);
    return withDatabase(directory, work);
  }
}

function withDatabase<T>(directory: string, work: (database: Database) => T): T {
  const database = new Database(join(directory, 'index.db'), { migrations: nodeMigrations });
  try {
    return work(database);
  } catch (error) {
    database.close();
    throw error;
  }
}
