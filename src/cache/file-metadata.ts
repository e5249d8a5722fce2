import { keptMetadata, metadataBytes } from '../store/metadata-rules.ts';
import type { Capabilities, Metadata } from '../store/store.ts';
import type { Attributes } from './extended-attributes.ts';
import { changedMetadata, withChange, withoutChange } from './metadata-changes.ts';
import type { Node } from './node.ts';

/**
 * Modes and extended attributes as a file's metadata at the store, in the form of rclone's `--metadata`
 * (https://rclone.org/docs/#metadata): `mode` is the octal `st_mode`, and the attribute `user.NAME` has the name `NAME`. A mode is
 * at the store only where it is not the usual one. What cannot be a name or a text of metadata stays in the cache.
 */

/** A regular file (inode(7)). */
const regularFile = 0o100000;
const typeBits = 0o170000;
/** Of the mode, the store has these bits: set-user-ID and its like are nobody else's business. */
const permissionBits = 0o777;
const attributePrefix = 'user.';

/** Names that mean something else to rclone, or to the services that it writes to. */
const reservedNames: ReadonlySet<string> = new Set([
  'mode',
  'uid',
  'gid',
  'rdev',
  'atime',
  'mtime',
  'btime',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'tier',
]);

/** What a store can hold of metadata. */
export type MetadataCapabilities = Pick<Capabilities, 'metadata' | 'maxMetadataBytes'>;

/** A file's permission bits as its `mode`. */
export function modeText(mode: number): string {
  return (regularFile | (mode & permissionBits)).toString(8);
}

/** The permission bits of a `mode`; undefined where it is none of a plain file. */
export function permissionsIn(mode: string | undefined): number | undefined {
  const bits = mode !== undefined && /^[0-7]{1,7}$/.test(mode) ? Number.parseInt(mode, 8) : Number.NaN;
  const type = bits & typeBits;
  return Number.isNaN(bits) || (type !== 0 && type !== regularFile) ? undefined : bits & permissionBits;
}

/** The name of metadata under which an extended attribute is kept; undefined for one that no metadata can be. */
export function metadataNameOf(attribute: string): string | undefined {
  const name = attribute.slice(attributePrefix.length);
  const isName = attribute.startsWith(attributePrefix) && /^[a-z0-9][a-z0-9_.-]*$/.test(name);
  return isName && !reservedNames.has(name) ? name : undefined;
}

/** The value of an extended attribute as a text of metadata; undefined for one that is none. */
export function metadataTextOf(value: Uint8Array): string | undefined {
  const text = Buffer.from(value).toString();
  // A header of HTTP, where most services keep metadata, has no control characters.
  const isText = !/\p{Cc}/u.test(text) && Buffer.compare(Buffer.from(text), value) === 0;
  return isText ? text : undefined;
}

/** What a store that knows nothing of the file yet is to have. */
export function allMetadata({ mode, attributes }: Pick<Node, 'mode' | 'attributes'>, fileMode: number): Metadata {
  const own =
    modeOf({ mode: modeText(mode) }, fileMode) === (fileMode & permissionBits) ? {} : { mode: modeText(mode) };
  return { ...own, ...namesOf(attributes) };
}

/** All that is wanted of a file's metadata; undefined where it is not known what the store has of it. */
export function wantedMetadata(node: Node, fileMode: number): Metadata | undefined {
  const { synced, metadataChanges } = node;
  if (metadataChanges?.whole === true) return changedMetadata({}, metadataChanges);
  if (synced === null) return allMetadata(node, fileMode);
  return synced.metadata === undefined ? undefined : changedMetadata(synced.metadata, metadataChanges);
}

/** As much of `wanted` as a store keeps: all, or the mode alone beside what it has (`base`), or nothing new. */
export function metadataThatFits(wanted: Metadata, base: Metadata, capabilities: MetadataCapabilities): Metadata {
  const mode = wanted['mode'] === undefined ? {} : { mode: wanted['mode'] };
  const { mode: _before, ...others } = base;
  const tries = [wanted, { ...others, ...mode }].map((metadata) => keptMetadata(metadata, capabilities));
  return tries.find((metadata) => metadataBytes(metadata) <= capabilities.maxMetadataBytes) ?? base;
}

/** Whether two have the same names and texts. */
export function isSameMetadata(one: Metadata, other: Metadata | undefined): boolean {
  const names = Object.keys(one);
  if (other === undefined || names.length !== Object.keys(other).length) return false;
  return names.every((name) => one[name] === other[name]);
}

/**
 * Takes over what the store tells of a file's metadata; what was changed here stays. Answers whether anything that is shown changed.
 * Not saved.
 */
export function adoptMetadata(node: Node, metadata: Metadata | undefined, fileMode: number): boolean {
  if (metadata === undefined || node.synced === null) return false;
  node.synced = { ...node.synced, metadata };
  const shown = changedMetadata(metadata, node.metadataChanges);
  const mode = (node.mode & ~permissionBits) | modeOf(shown, fileMode);
  const attributes = attributesOf(shown, node.attributes);
  if (mode === node.mode && isSameAttributes(attributes, node.attributes)) return false;
  node.mode = mode;
  node.attributes = attributes;
  return true;
}

/** Notes that the user changed a name of a file's metadata, as far as it is not sent with the content anyway. Not saved. */
export function noteMetadata(node: Node, name: string, text: string | null, fileMode: number): void {
  const { synced, metadataChanges } = node;
  const isWhole = metadataChanges?.whole === true;
  if (synced === null && !isWhole) return;
  const changes = withChange(metadataChanges, name, text);
  const isAsStored = isWhole
    ? isStored(node, changedMetadata({}, changes))
    : isCertain(node) && isSameText(name, text, synced?.metadata ?? {}, fileMode);
  if (!isAsStored) node.metadataChanges = changes;
  else node.metadataChanges = isWhole ? null : withoutChange(metadataChanges, name);
}

/** All that is wanted of a file's metadata is `metadata`, and is shown. Not saved. */
export function replaceMetadata(node: Node, metadata: Metadata, fileMode: number): void {
  node.mode = (node.mode & ~permissionBits) | modeOf(metadata, fileMode);
  node.attributes = attributesOf(metadata, node.attributes);
  const isUnknown = node.synced === null && !isSameMetadata(metadata, allMetadata(node, fileMode));
  const isChanged = isUnknown || (node.synced !== null && !isStored(node, metadata));
  node.metadataChanges = isChanged ? { names: metadata, whole: true, refused: false } : null;
}

/** While something is on its way, what the store has is about to be something else. */
function isCertain({ synced, sending, sent }: Node): boolean {
  return synced?.metadata !== undefined && !sending && sent === null;
}

function isStored(node: Node, metadata: Metadata): boolean {
  return isCertain(node) && isSameMetadata(metadata, node.synced?.metadata);
}

/** What a node shows of its metadata, to be compared with what it shows later. */
export type ShownMetadata = Pick<Node, 'mode' | 'attributes' | 'metadataChanges'>;

/** Of a file of which it is not known what was sent: whatever is shown otherwise than the store has it is to be sent. */
export const nothingShown: ShownMetadata = { mode: -1, attributes: null, metadataChanges: null };

/**
 * The store has `stored` now, which was made of what was `sent`. What was changed here since is left to be sent; what the store did
 * not take stays here. Not saved.
 */
export function settleMetadata(node: Node, sent: ShownMetadata, stored: Metadata, fileMode: number): void {
  const changes = node.metadataChanges;
  const isAsSent = node.mode === sent.mode && node.attributes === sent.attributes;
  if (changes?.whole === true) {
    const refused = isAsSent && changes === sent.metadataChanges;
    node.metadataChanges = isSameMetadata(changedMetadata({}, changes), stored) ? null : { ...changes, refused };
    return;
  }
  const wanted = wantedMode(node.mode, fileMode);
  const names: Record<string, string | null> = isSameText('mode', wanted, stored, fileMode) ? {} : { mode: wanted };
  const now = namesOf(node.attributes);
  const kept = Object.keys(stored).filter((name) => !reservedNames.has(name) && !isShownAs(node, name, stored));
  for (const name of new Set([...Object.keys(now), ...kept]))
    if (now[name] !== stored[name]) names[name] = now[name] ?? null;
  node.metadataChanges = Object.keys(names).length === 0 ? null : { names, refused: isAsSent };
}

/** Whether an attribute is what the store has, also where it is none that could be sent from here. */
function isShownAs({ attributes }: Node, name: string, stored: Metadata): boolean {
  const value = attributes?.get(attributePrefix + name);
  return value !== undefined && Buffer.compare(value, Buffer.from(stored[name] ?? '')) === 0;
}

/** The `mode` that the store is to have; null where it is the usual one. */
export function wantedMode(mode: number, fileMode: number): string | null {
  return (mode & permissionBits) === (fileMode & permissionBits) ? null : modeText(mode);
}

function isSameText(name: string, text: string | null, base: Metadata, fileMode: number): boolean {
  if (name !== 'mode') return (base[name] ?? null) === text;
  return modeOf(base, fileMode) === modeOf(text === null ? {} : { mode: text }, fileMode);
}

/** The permission bits that metadata tells, or the usual ones. */
function modeOf({ mode = '' }: Metadata, fileMode: number): number {
  const bits = /^[0-7]{3,6}$/.test(mode) ? Number.parseInt(mode, 8) : fileMode;
  return bits & permissionBits;
}

/** The extended attributes that can be metadata. */
function namesOf(attributes: Attributes | null): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [attribute, value] of attributes ?? []) {
    const name = metadataNameOf(attribute);
    const text = metadataTextOf(value);
    if (name !== undefined && text !== undefined) names[name] = text;
  }
  return names;
}

/** The extended attributes of metadata, beside those from here that no store can have. */
function attributesOf(metadata: Metadata, before: Attributes | null): Attributes | null {
  const attributes = new Map<string, Uint8Array>();
  for (const [attribute, value] of before ?? [])
    if (metadataNameOf(attribute) === undefined || metadataTextOf(value) === undefined)
      attributes.set(attribute, value);
  for (const [name, text] of Object.entries(metadata))
    if (!reservedNames.has(name)) attributes.set(attributePrefix + name, Buffer.from(text));
  return attributes.size === 0 ? null : attributes;
}

function isSameAttributes(one: Attributes | null, other: Attributes | null): boolean {
  if ((one?.size ?? 0) !== (other?.size ?? 0)) return false;
  return [...(one ?? [])].every(([name, value]) => {
    const found = other?.get(name);
    return found !== undefined && Buffer.compare(value, found) === 0;
  });
}
