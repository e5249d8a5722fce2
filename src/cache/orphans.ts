import type { Database, SqlRow } from '../database/database.ts';
import { DataFiles } from './data-files.ts';
import { InlineContents } from './inline-contents.ts';
import type { LostAndFound } from './lost-and-found.ts';
import { rootNode } from './node.ts';

/** Numbers of nodes that may have been given and are not in the rows that were read. */
const numbersInDoubt = 1_000_000;

const isKnown = (column: string): string => `(${column} = ${rootNode} OR ${column} IN (SELECT id FROM node))`;

/**
 * Makes sense of rows of which some are lost: every node has its directories again, no content is without a node, and no number is
 * given twice. What has no place any more goes: the store has it, or it goes to `lost+found`. Every directory is listed anew.
 */
export function dropOrphans(database: Database, files: DataFiles, lostAndFound: LostAndFound): void {
  const names = new Map<number, string>();
  database.transaction(() => {
    let gone: SqlRow[];
    do {
      const sql = `DELETE FROM node WHERE parent IS NOT NULL AND NOT ${isKnown('parent')} RETURNING content, name`;
      gone = database.all(sql);
      for (const { content, name } of gone) names.set(Number(content), name as string);
    } while (gone.length > 0);
    forgetPlaces(database);
    database.run('UPDATE node SET listed_at = 0');
    database.run('DELETE FROM upload WHERE node NOT IN (SELECT id FROM node)');
    keepNumbersApart(database);
  });
  putContentsAside(database, files, names, lostAndFound);
}

/** Where the store had something in a directory that is lost, it is not known to have it: what was changed is sent as new. */
function forgetPlaces(database: Database): void {
  const isLost = `synced_parent IS NOT NULL AND NOT ${isKnown('synced_parent')}`;
  database.run(
    `DELETE FROM node WHERE (${isLost}) AND id <> ${rootNode} AND directory = 0 AND (parent IS NULL OR content_dirty = 0)`,
  );
  database.run(
    `UPDATE node SET synced_parent = NULL, synced_name = NULL, revision = NULL, edits = NULL, dirty = 1 WHERE ${isLost}`,
  );
  database.run(`UPDATE node SET sent = NULL WHERE sent IS NOT NULL AND (
    NOT json_valid(sent) OR NOT ${isKnown("coalesce(json_extract(CASE WHEN json_valid(sent) THEN sent END, '$.parent'), -1)")})`);
}

function keepNumbersApart(database: Database): void {
  const largest = Number(database.first('SELECT max(id) AS n FROM node')?.['n'] ?? rootNode);
  database.run(
    `INSERT INTO counter VALUES ('node', ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`,
    largest + numbersInDoubt,
  );
}

function putContentsAside(
  database: Database,
  files: DataFiles,
  names: ReadonlyMap<number, string>,
  lostAndFound: LostAndFound,
): void {
  const known = new Set(
    database.rows('SELECT content FROM node WHERE content <> 0').map(([content]) => Number(content)),
  );
  const lossOf = (content: number): { message: string } => {
    const name = names.get(content);
    return {
      message: name === undefined ? 'the row that knew its name is lost' : `the directory of "${name}" is lost`,
    };
  };
  const inline = new InlineContents(database, 0);
  for (const content of inline.numbers()) {
    if (known.has(content)) continue;
    const bytes = inline.load(content)?.bytes ?? new Uint8Array(0);
    if (bytes.length > 0) lostAndFound.keep(bytes, `content-${content}`, lossOf(content));
    inline.remove(content);
  }
  for (const content of DataFiles.stored(files.directory)) {
    if (known.has(content) || files.inspect(content)?.size === 0) continue;
    lostAndFound.take(files.pathOf(content), `content-${content}`, lossOf(content));
  }
}
