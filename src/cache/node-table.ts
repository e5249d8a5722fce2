import type { Database, SqlRow, SqlValue } from '../database/database.ts';
import type { Metadata } from '../store/store.ts';
import { isDirty } from './changes.ts';
import { Edits } from './edits.ts';
import { formatAttributes, parseAttributes } from './extended-attributes.ts';
import type { MetadataChanges } from './metadata-changes.ts';
import { Node, rootNode, type Sent } from './node.ts';
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
];

const columns =
  'id directory parent name size modified changed mode uid gid synced_parent synced_name revision synced_size synced_modified sent content present content_dirty content_version writing accessed conflict listed_at dirty dirtied_at edits link read_at attributes metadata_changes synced_metadata data_modified'.split(
    ' ',
  );
const upsert = `INSERT INTO node (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${columns
    .slice(2)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`;

/** Numbers of nodes that are set aside at a time. */
const reservedNumbers = 10_000;

/** The rows behind the nodes. It holds no nodes itself: each load makes new ones, and `Tree` sees that a number has one. */
export class NodeTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes the whole node. */
  save(node: Node): void {
    const { synced } = node;
    this.#database.run(
      upsert,
      node.id,
      node.kind === 'directory' ? 1 : 0,
      node.parent,
      node.name,
      node.size,
      node.modified,
      node.changed,
      node.mode,
      node.uid,
      node.gid,
      synced?.parent ?? null,
      synced?.name ?? null,
      synced?.revision ?? null,
      synced?.size ?? null,
      synced?.modified ?? null,
      node.sent === null ? null : JSON.stringify(node.sent),
      node.content,
      node.present === null ? null : JSON.stringify(node.present),
      node.contentDirty ? 1 : 0,
      node.contentVersion,
      node.writing ? 1 : 0,
      node.accessed,
      node.conflict ? 1 : 0,
      node.listedAt,
      isDirty(node) || node.writing ? 1 : 0,
      node.dirtiedAt,
      node.edits === null || !node.contentDirty ? null : JSON.stringify(node.edits),
      node.link ? 1 : 0,
      node.readAt,
      node.attributes === null ? null : formatAttributes(node.attributes),
      node.metadataChanges === null ? null : JSON.stringify(node.metadataChanges),
      synced?.metadata === undefined ? null : JSON.stringify(synced.metadata),
      node.writing ? node.dataModified : 0,
    );
    node.unsaved = false;
  }

  remove(id: number): void {
    this.#database.run('DELETE FROM node WHERE id = ?', id);
  }

  load(id: number): Node | undefined {
    const row = this.#database.first('SELECT * FROM node WHERE id = ?', id);
    return row === undefined ? undefined : nodeOf(row);
  }

  /** At most `limit` of the nodes that the user sees in a directory, by number, behind the number `after`. */
  children(directory: number, after: number, limit: number): Node[] {
    const sql = 'SELECT * FROM node WHERE parent = ? AND id > ? ORDER BY id LIMIT ?';
    return this.#database.all(sql, directory, after, limit).map(nodeOf);
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
    return this.#database.all('SELECT * FROM node WHERE dirty = 1').map(nodeOf);
  }

  /** Files whose content is here and could be dropped, least recently opened first. */
  evictable(limit: number): number[] {
    return this.#numbers(
      'SELECT id AS n FROM node WHERE content <> 0 AND dirty = 0 AND directory = 0 ORDER BY accessed LIMIT ?',
      limit,
    );
  }

  /** The numbers of all data files that belong to a node. */
  contents(): Set<number> {
    return new Set(this.#numbers('SELECT content AS n FROM node WHERE content <> 0'));
  }

  /** The node whose content a data file is. */
  ownerOf(content: number): number | undefined {
    return this.#numbers('SELECT id AS n FROM node WHERE content = ?', content)[0];
  }

  /** Whether nothing but the root was ever known. */
  isEmpty(): boolean {
    return this.#numbers('SELECT count(*) AS n FROM (SELECT 1 FROM node LIMIT 2)')[0] === 1;
  }

  /** Bytes of all content that is here. */
  contentBytes(): number {
    let bytes = Number(
      this.#database.first('SELECT coalesce(sum(size), 0) AS n FROM node WHERE content <> 0 AND present IS NULL')?.[
        'n'
      ],
    );
    for (const row of this.#database.all('SELECT present FROM node WHERE content <> 0 AND present IS NOT NULL')) {
      bytes += Ranges.parse(text(row['present'])).bytes;
    }
    return bytes;
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

  #numbers(sql: string, ...values: number[]): number[] {
    return this.#database.all(sql, ...values).map((row) => Number(row['n']));
  }
}

function nodeOf(row: SqlRow): Node {
  const node = new Node(Number(row['id']), row['directory'] === 1 ? 'directory' : 'file');
  node.parent = row['parent'] === null ? null : Number(row['parent']);
  node.name = text(row['name']);
  node.size = Number(row['size']);
  node.modified = Number(row['modified']);
  node.changed = Number(row['changed']);
  node.mode = Number(row['mode']);
  node.uid = Number(row['uid']);
  node.gid = Number(row['gid']);
  node.synced =
    row['synced_parent'] === null
      ? null
      : {
          parent: Number(row['synced_parent']),
          name: text(row['synced_name']),
          revision: row['revision'] === null ? undefined : text(row['revision']),
          size: Number(row['synced_size']),
          modified: Number(row['synced_modified']),
          metadata: (json(row['synced_metadata']) as Metadata | null) ?? undefined,
        };
  node.sent = json(row['sent']) as Sent | null;
  node.content = Number(row['content']);
  node.present = row['present'] === null ? null : Ranges.parse(text(row['present']));
  node.contentDirty = row['content_dirty'] === 1;
  node.contentVersion = Number(row['content_version']);
  node.writing = row['writing'] === 1;
  node.accessed = Number(row['accessed']);
  node.conflict = row['conflict'] === 1;
  node.listedAt = Number(row['listed_at']);
  node.dirtiedAt = Number(row['dirtied_at']);
  node.edits = row['edits'] === null ? null : Edits.parse(text(row['edits']));
  node.link = row['link'] === 1;
  node.readAt = Number(row['read_at']);
  node.attributes = row['attributes'] === null ? null : parseAttributes(text(row['attributes']));
  node.metadataChanges = json(row['metadata_changes']) as MetadataChanges | null;
  node.dataModified = Number(row['data_modified']);
  // A kernel may have kept pages of it before it was loaded.
  node.pagesAreStale = true;
  return node;
}

function json(value: SqlValue | undefined): unknown {
  return value === null ? null : JSON.parse(text(value));
}

/** A column of type TEXT, as its name promises. */
function text(value: SqlValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError(`a text column holds ${typeof value}`);
  return value;
}
