import type { SqlValue } from '../database/database.ts';
import type { Metadata } from '../store/store.ts';
import { isDirty } from './changes.ts';
import { Edits } from './edits.ts';
import { formatAttributes, parseAttributes } from './extended-attributes.ts';
import type { MetadataChanges } from './metadata-changes.ts';
import { isPlaceName } from './node-name.ts';
import { Node, rootNode, type SendFailure, type Sent, type Synced } from './node.ts';
import { Ranges } from './ranges.ts';

/** The columns of a node, in the order of `rowOf` and `nodeOf`. */
export const nodeColumns: readonly string[] = [
  'id directory parent name size modified changed mode uid gid',
  'synced_parent synced_name revision synced_size synced_modified synced_metadata',
  'sent content present content_dirty content_version writing data_modified accessed',
  'conflict listed_at dirty dirtied_at edits link read_at attributes metadata_changes synced_unsure held failure',
].flatMap((names) => names.split(' '));

/** A node as its row has it. */
export function rowOf(node: Node): SqlValue[] {
  const { synced } = node;
  return [
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
    synced?.metadata === undefined ? null : JSON.stringify(synced.metadata),
    node.sent === null ? null : JSON.stringify(node.sent),
    node.content,
    node.present === null ? null : JSON.stringify(node.present),
    node.contentDirty ? 1 : 0,
    node.contentVersion,
    node.writing ? 1 : 0,
    node.writing ? node.dataModified : 0,
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
    synced?.unsure === true ? 1 : 0,
    node.held ? 1 : 0,
    node.failure?.permanent === true && isDirty(node) ? JSON.stringify(node.failure) : null,
  ];
}

/** What `rowOf` made a row of. By position, because a directory may have 100,000 rows. */
export function nodeOf(row: readonly SqlValue[]): Node {
  const node = new Node(Number(row[0]), row[1] === 1 ? 'directory' : 'file');
  node.parent = row[2] === null ? null : Number(row[2]);
  node.name = nameOf(row[3], node);
  node.size = sizeOf(row[4]);
  node.modified = Number(row[5]);
  node.changed = Number(row[6]);
  node.mode = Number(row[7]);
  node.uid = Number(row[8]);
  node.gid = Number(row[9]);
  node.synced = row[10] === null ? null : syncedOf(row, node.name);
  node.sent = row[16] === null ? null : sentOf(json(row[16]));
  node.content = Number(row[17]);
  node.present = row[18] === null ? null : Ranges.parse(textOf(row[18]));
  node.contentDirty = row[19] === 1;
  node.contentVersion = Number(row[20]);
  node.writing = row[21] === 1;
  node.dataModified = Number(row[22]);
  node.accessed = Number(row[23]);
  node.conflict = row[24] === 1;
  node.listedAt = Number(row[25]);
  node.dirtiedAt = Number(row[27]);
  node.edits = row[28] === null ? null : Edits.parse(textOf(row[28]));
  node.link = row[29] === 1;
  node.readAt = Number(row[30]);
  node.attributes = row[31] === null ? null : parseAttributes(textOf(row[31]));
  node.metadataChanges = json(row[32]) as MetadataChanges | null;
  node.held = row[34] === 1;
  node.failure = row[35] === null ? undefined : failureOf(json(row[35]));
  // A kernel may have kept pages of it before it was loaded.
  node.pagesAreStale = true;
  return node;
}

/** Most nodes have their own name at the store: then both share one string. */
function syncedOf(row: readonly SqlValue[], name: string): Synced {
  return {
    parent: Number(row[10]),
    name: row[11] === name ? name : textOf(row[11]),
    revision: row[12] === null ? undefined : textOf(row[12]),
    size: sizeOf(row[13]),
    modified: Number(row[14]),
    metadata: (json(row[15]) as Metadata | null) ?? undefined,
    unsure: row[33] === 1 ? true : undefined,
  };
}

function sizeOf(value: SqlValue | undefined): number {
  const size = Number(value);
  if (!(size >= 0)) throw new TypeError(`a size of ${size}`);
  return size;
}

/** Throws for what is no name in a directory, and for a node within itself. */
function nameOf(value: SqlValue | undefined, { id, parent }: Node): string {
  const name = textOf(value);
  if (id !== rootNode && !isPlaceName(name)) throw new TypeError(`${JSON.stringify(name)} is no name`);
  if (parent === id) throw new TypeError('the node is within itself');
  return name;
}

function sentOf(value: unknown): Sent {
  const { parent, name } = (value ?? {}) as Partial<Sent>;
  if (!Number.isSafeInteger(parent) || !isPlaceName(name)) throw new TypeError('it was sent nowhere');
  return value as Sent;
}

function failureOf(value: unknown): SendFailure {
  const { code, message } = (value ?? {}) as Partial<SendFailure>;
  if (typeof code !== 'string' || typeof message !== 'string') throw new TypeError('it failed for no reason');
  return { code, message, permanent: true };
}

function json(value: SqlValue | undefined): unknown {
  return value === null ? null : JSON.parse(textOf(value));
}

/** A column of type TEXT, as its name promises. */
export function textOf(value: SqlValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError(`a text column holds ${typeof value}`);
  return value;
}
