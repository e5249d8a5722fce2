import type { SqlValue } from '../database/database.ts';
import { nodeColumns } from './node-row.ts';
import { isPlaceName } from './node-name.ts';
import { rootNode } from './node.ts';

/** A row by the names of its columns. */
export type NamedRow = Readonly<Record<string, SqlValue | undefined>>;

const texts: ReadonlySet<string> = new Set(
  'name synced_name revision synced_metadata sent present edits attributes metadata_changes failure'.split(' '),
);

/** The row of a node with names. */
export function namedRow(row: readonly SqlValue[]): NamedRow {
  return Object.fromEntries(nodeColumns.map((column, i) => [column, row[i]]));
}

/**
 * What can be made of a row with bad values. A file is as the store has it, without content, and undefined where the store does not have it. A
 * directory keeps its number, and with it what is in it; one that has lost its place is at the root, as `damaged-NUMBER`.
 */
export function mendedRow(row: readonly SqlValue[]): SqlValue[] | undefined {
  const known = namedRow(row);
  const isDirectory = known['directory'] === 1;
  const isThere = isPlace(known['synced_parent'], known['synced_name'], known['id']);
  if (!isDirectory && !isThere) return undefined;
  const synced = isThere ? {} : { synced_parent: null, synced_name: null };
  const mended: NamedRow = { ...known, ...plain(known), ...synced, ...placeOf(known, isThere), size: 0, listed_at: 0 };
  // A directory is of no size; what the store has of a file is told by its next listing where the row does not know.
  const size = isDirectory ? 0 : Math.max(0, finite(mended['synced_size']));
  return nodeColumns.map((column) => (isSize(column) ? size : (mended[column] ?? null)));
}

function isSize(column: string): boolean {
  return column === 'size' || column === 'synced_size';
}

/** All numbers are numbers, and nothing is left of what is kept as JSON or belongs to a content. */
function plain(known: NamedRow): NamedRow {
  const numbers = nodeColumns.filter(
    (column) => !texts.has(column) && column !== 'parent' && column !== 'synced_parent',
  );
  const content = ['content', 'content_dirty', 'writing', 'data_modified'].map((column) => [column, 0]);
  const cleared = ['synced_metadata', 'sent', 'present', 'edits', 'attributes', 'metadata_changes', 'failure'];
  return {
    ...Object.fromEntries(numbers.map((column) => [column, finite(known[column])])),
    ...Object.fromEntries(content),
    ...Object.fromEntries(cleared.map((column) => [column, null])),
    // Of a version whose size is not known, the next listing tells.
    revision: typeof known['revision'] === 'string' && finite(known['synced_size']) >= 0 ? known['revision'] : null,
  };
}

function placeOf(known: NamedRow, isThere: boolean): NamedRow {
  const { id, parent, name } = known;
  if (parent === null || isPlace(parent, name, id))
    return { name: typeof name === 'string' ? name : `damaged-${Number(id)}` };
  if (id === rootNode) return { parent: null, name: '' };
  if (isThere) return { parent: known['synced_parent'], name: known['synced_name'] };
  return { parent: rootNode, name: `damaged-${Number(id)}` };
}

function isPlace(parent: SqlValue | undefined, name: SqlValue | undefined, id: SqlValue | undefined): boolean {
  const isDirectory = typeof parent === 'number' && Number.isSafeInteger(parent) && parent >= rootNode && parent !== id;
  return isDirectory && isPlaceName(name);
}

function finite(value: SqlValue | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
