import type { Database } from '../database/database.ts';

/** Whose what the store brings is, and who may do what with it, where nothing says otherwise. */
export interface UsualAttributes {
  /** Permission bits. */
  readonly fileMode: number;
  readonly directoryMode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What changes which rows when a usual attribute becomes another: the new value, then the old one. */
const updates: Readonly<Record<keyof UsualAttributes, string>> = {
  uid: 'UPDATE node SET uid = ? WHERE uid = ?',
  gid: 'UPDATE node SET gid = ? WHERE gid = ?',
  directoryMode: 'UPDATE node SET mode = ? WHERE directory = 1 AND mode = ?',
  fileMode: `UPDATE node SET mode = ? WHERE directory = 0 AND mode = ?
    AND json_extract(${sound('synced_metadata')}, '$.mode') IS NULL AND json_extract(${sound('metadata_changes')}, '$.names.mode') IS NULL`,
};

/** A bad value is found when the row is read; here it is none. */
function sound(column: string): string {
  return `CASE WHEN json_valid(${column}) THEN ${column} END`;
}

/**
 * What had the usual attributes when the cache was open before gets those of now. What somebody changed, or the store tells, stays.
 * To be called before any node is loaded.
 */
export function followUsualAttributes(database: Database, usual: UsualAttributes): void {
  database.transaction(() => {
    for (const [name, sql] of Object.entries(updates) as [keyof UsualAttributes, string][]) {
      const key = `usual ${name}`;
      const before = database.first('SELECT value FROM counter WHERE name = ?', key)?.['value'];
      if (before === usual[name]) continue;
      if (typeof before === 'number') database.run(sql, usual[name], before);
      database.run(
        'INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        key,
        usual[name],
      );
    }
  });
}
