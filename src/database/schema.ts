import { DatabaseSync } from 'node:sqlite';

const question = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';

/** Whether tables and indexes are what the migrations make of an empty file. A damaged one may have lost a letter of them, which no check of SQLite finds. */
export function isSchemaOf(connection: DatabaseSync, migrations: readonly string[]): boolean {
  const model = new DatabaseSync(':memory:');
  try {
    for (const migration of migrations) model.exec(migration);
    const [wanted, there] = [model, connection].map((database) => JSON.stringify(database.prepare(question).all()));
    return wanted === there;
  } finally {
    model.close();
  }
}
