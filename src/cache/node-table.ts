import type { Database, SqlValue } from '../database/database.ts';
import type { BadRows } from './bad-rows.ts';
import type { Node } from './node.ts';
import { rootNode } from './node.ts';
import { nodeColumns, nodeOf, rowOf, textOf } from './node-row.ts';
import { feedTable } from './feed-table.ts';
import { inlineContentTable } from './inline-contents.ts';
import { uploadControlTable } from './pause-table.ts';
import { problemTable } from './problem-table.ts';
import { Ranges } from './ranges.ts';

/** The format of the cache's database; see `Database` for how versions follow each other. */
export const nodeMigrations: readonly string[] = [
  `CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    directory INTEGER NOT NULL,
    parent INTEGER, name TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL, changed REAL NOT NULL,
    mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,
    synced_parent INTEGER, synced_name TEXT, revision TEXT, synced_size INTEGER, synced_modified REAL,
    sent TEXT,
    content INTEGER NOT NULL, present TEXT, content_dirty INTEGER NOT NULL, content_version INTEGER NOT NULL,
    writing INTEGER NOT NULL, accessed REAL NOT NULL, conflict INTEGER NOT NULL,
    listed_at REAL NOT NULL, dirty INTEGER NOT NULL, dirtied_at REAL NOT NULL
  ) STRICT;
  CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE INDEX node_by_parent ON node (parent);
  CREATE INDEX node_by_synced_parent ON node (synced_parent) WHERE synced_parent IS NOT NULL;
  CREATE INDEX node_dirty ON node (id) WHERE dirty = 1;
  CREATE INDEX node_evictable ON node (accessed) WHERE content <> 0 AND dirty = 0 AND directory = 0`,
  `ALTER TABLE node ADD COLUMN edits TEXT;
  CREATE TABLE upload (
    node INTEGER PRIMARY KEY, path TEXT NOT NULL, content_version INTEGER NOT NULL, state TEXT NOT NULL
  ) STRICT`,
  'CREATE INDEX node_content ON node (content) WHERE content <> 0',
  `ALTER TABLE node ADD COLUMN link INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE node ADD COLUMN read_at REAL NOT NULL DEFAULT 0;
  ALTER TABLE node ADD COLUMN attributes TEXT;
  ALTER TABLE node ADD COLUMN metadata_changes TEXT;
  ALTER TABLE node ADD COLUMN synced_metadata TEXT`,
  'ALTER TABLE node ADD COLUMN data_modified REAL NOT NULL DEFAULT 0',
  'ALTER TABLE node ADD COLUMN synced_unsure INTEGER NOT NULL DEFAULT 0',
  inlineContentTable,
  uploadControlTable,
  feedTable,
  'ALTER TABLE node ADD COLUMN failure TEXT',
  problemTable,
];

const upsert = `INSERT INTO node (${nodeColumns.join(', ')}) VALUES (${nodeColumns.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${nodeColumns
    .slice(2)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;
const select = `SELECT ${nodeColumns.join(', ')} FROM node`;

/** Numbers of nodes that are set aside at a time. */
const reservedNumbers = 10_000;

/** The rows behind the nodes. It holds no nodes itself: each load makes new ones, and `Tree` sees that a number has one. */
export class NodeTable {
  readonly #database: Database;
  readonly #badRows: BadRows | undefined;
  #dropped = 0;

  /** Without `badRows` a row whose values make no sense throws. */
  constructor(database: Database, badRows?: BadRows) {
    this.#database = database;
    this.#badRows = badRows;
  }

  /** Writes the whole node. */
  save(node: Node): void {
    this.#database.run(upsert, ...rowOf(node));
    node.unsaved = false;
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM node WHERE id = ?', id);
  }

  load(id: number): Node | undefined {
    return this.#nodes('WHERE id = ?', id)[0];
  }

  /** At most `limit` of the nodes that the user sees in a directory, by number, behind the number `after`. */
  children(directory: number, after: number, limit: number): Node[] {
    const before = this.#dropped;
    const nodes = this.#nodes('WHERE parent = ? AND id > ? ORDER BY id LIMIT ?', directory, after, limit);
    // Fewer than asked for would mean that these are the last.
    return this.#dropped === before ? nodes : this.children(directory, after, limit);
  }

  /** The numbers of the directories that the user sees in a directory. */
  directoriesIn(directory: number): number[] {
    return this.#numbers('SELECT id AS n FROM node WHERE parent = ? AND directory = 1', directory);
  }

  /** The numbers of what the store is known to hold in a directory, wherever the user has moved it. */
  syncedChildren(directory: number): number[] {
    return this.#numbers('SELECT id AS n FROM node WHERE synced_parent = ?', directory);
  }

  /** At most `limit` of them with their names at the store, by number, behind the number `after`. */
  syncedNames(directory: number, after: number, limit: number): { id: number; name: string }[] {
    const sql = 'SELECT id, synced_name AS name FROM node WHERE synced_parent = ? AND id > ? ORDER BY id LIMIT ?';
    return this.#database.all(sql, directory, after, limit) as { id: number; name: string }[];
  }

  dirty(): Node[] {
    return this.#nodes('WHERE dirty = 1');
  }

  /** Files whose content is here and could be dropped, least recently opened first. */
  evictable(limit: number): number[] {
    return this.#numbers(
      'SELECT id AS n FROM node WHERE content <> 0 AND dirty = 0 AND directory = 0 ORDER BY accessed LIMIT ?',
      limit,
    );
  }

  /** The numbers of all data files that belong to a node, from an index. */
  contents(): Set<number> {
    return new Set(this.#numbers('SELECT content AS n FROM node WHERE content <> 0'));
  }

  /** As `contents`, from the rows themselves: an index may be damaged, and nothing says so. */
  contentsOfRows(): Set<number> {
    return new Set(this.#numbers('SELECT content AS n FROM node NOT INDEXED WHERE content <> 0'));
  }

  /** The node whose content a data file is. */
  ownerOf(content: number): number | undefined {
    return this.#numbers('SELECT id AS n FROM node WHERE content = ? AND content <> 0', content)[0];
  }

  /** Bytes of all content that is here. */
  contentBytes(): number {
    let bytes = Number(
      this.#database.first('SELECT coalesce(sum(size), 0) AS n FROM node WHERE content <> 0 AND present IS NULL')?.[
        'n'
      ],
    );
    const partly = 'SELECT id, present FROM node WHERE content <> 0 AND present IS NOT NULL';
    for (const [id, present] of this.#database.rows(partly)) bytes += this.#bytesIn(Number(id), present);
    return bytes;
  }

  /** A value that makes no sense is mended with the rest of its row. */
  #bytesIn(id: number, present: SqlValue | undefined): number {
    try {
      return Ranges.parse(textOf(present)).bytes;
    } catch (error) {
      if (this.#badRows === undefined) throw error;
      this.load(id);
      return 0;
    }
  }

  /**
   * Sets numbers of nodes aside: all up to the answer may be given, and none of them, given or not, is set aside again. Numbers
   * are taken in blocks, because noting each would double what a new file costs.
   */
  reserveNumbers(): { readonly from: number; readonly to: number } {
    const from = this.#numbers("SELECT value AS n FROM counter WHERE name = 'node'")[0] ?? rootNode;
    const to = from + reservedNumbers;
    this.#database.run(
      "INSERT INTO counter VALUES ('node', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      to,
    );
    return { from, to };
  }

  /** The largest number of a data file. */
  largestContent(): number {
    return this.#numbers('SELECT coalesce(max(content), 0) AS n FROM node WHERE content <> 0')[0] ?? 0;
  }

  #nodes(condition: string, ...values: number[]): Node[] {
    return this.#database.rows(`${select} ${condition}`, ...values).flatMap((row) => this.#nodeOf(row) ?? []);
  }

  #nodeOf(row: readonly SqlValue[]): Node | undefined {
    try {
      return nodeOf(row);
    } catch (error) {
      if (this.#badRows === undefined) throw error;
      return this.#mended(this.#badRows.mend(row, error), Number(row[0]));
    }
  }

  #mended(node: Node | undefined, id: number): Node | undefined {
    if (node === undefined) {
      this.remove(id);
      this.#dropped++;
    } else {
      this.save(node);
    }
    return node;
  }

  #numbers(sql: string, ...values: number[]): number[] {
    return this.#database.all(sql, ...values).map((row) => Number(row['n']));
  }
}
