import type { Database } from '../database/database.ts';

/** The table; part of the migrations of the cache's database. */
export const inlineContentTable = `CREATE TABLE inline_content (
    content INTEGER PRIMARY KEY, modified REAL NOT NULL, bytes BLOB NOT NULL
  ) STRICT`;

/** What is known of a content without its bytes. */
export interface ContentFigures {
  /** Bytes. */
  readonly size: number;
  /** When it was last written, in milliseconds since 1970. */
  readonly modified: number;
  /** Bytes of the disk that it takes. */
  readonly onDisk: number;
}

/**
 * Small contents, in the cache's database instead of data files of their own: a row costs a fraction of what a file system asks for
 * making a file, and is committed together with the node that it belongs to.
 */
export class InlineContents {
  /** The largest content that is kept here, in bytes; 0: none at all. */
  readonly largest: number;
  readonly #database: Database;

  constructor(database: Database, largest: number) {
    this.#database = database;
    this.largest = largest;
  }

  /** Whether a content of `size` bytes belongs here. */
  takes(size: number): boolean {
    return this.largest > 0 && size <= this.largest;
  }

  /** Whether what is saved is part of a transaction. */
  get isInTransaction(): boolean {
    return this.#database.isInTransaction;
  }

  /** Commits a content as it is now. Throws what the database throws on a full disk. */
  save(content: number, bytes: Uint8Array, modified: number): void {
    this.#database.run(
      `INSERT INTO inline_content VALUES (?, ?, ?)
      ON CONFLICT (content) DO UPDATE SET modified = excluded.modified, bytes = excluded.bytes`,
      content,
      modified,
      bytes,
    );
  }

  load(content: number): { readonly bytes: Uint8Array; readonly modified: number } | undefined {
    const row = this.#database.first('SELECT bytes, modified FROM inline_content WHERE content = ?', content);
    return row as { bytes: Uint8Array; modified: number } | undefined;
  }

  inspect(content: number): ContentFigures | undefined {
    const sql = 'SELECT length(bytes) AS size, modified FROM inline_content WHERE content = ?';
    const row = this.#database.first(sql, content);
    if (row === undefined) return undefined;
    const size = Number(row['size']);
    return { size, modified: Number(row['modified']), onDisk: size };
  }

  /** Answers whether it was here. */
  remove(content: number): boolean {
    return this.#database.run('DELETE FROM inline_content WHERE content = ?', content) > 0;
  }

  /** The numbers of all contents that are here. */
  numbers(): number[] {
    return this.#database.rows('SELECT content FROM inline_content').map(([content]) => Number(content));
  }
}
