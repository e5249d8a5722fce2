import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedDatabase } from '../database/damage.ts';
import { removeDurably, writeDurably } from '../database/durable-names.ts';
import type { Problem } from './cache-report.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { DataFiles } from './data-files.ts';
import type { InlineContents } from './inline-contents.ts';
import type { LostAndFound } from './lost-and-found.ts';
import type { Node } from './node.ts';
import type { Quarantine } from './quarantine.ts';
import type { Tree } from './tree.ts';

/** What there is when the cache opens. */
export interface StoredContents {
  /** The largest number in use. */
  readonly last: number;
  readonly numbers: ReadonlySet<number>;
}

/**
 * Looks through the data directory, which need not exist, and the table. Of a content that was on its way into a data file that one may lack
 * bytes: its row went when it was whole, so while there is one, it is the content.
 */
export function inspectContents(directory: string, inline: InlineContents): StoredContents {
  const numbers = new Set(DataFiles.stored(directory));
  for (const content of inline.numbers()) {
    if (numbers.has(content)) new DataFiles(directory).remove(content);
    numbers.add(content);
  }
  let last = 0;
  for (const content of numbers) last = Math.max(last, content);
  return { last, numbers };
}

/** What a recovery works on. */
export interface RecoveryParts {
  readonly tree: Tree;
  readonly holder: ContentHolder;
  readonly stored: StoredContents;
  readonly quarantine: Quarantine;
  readonly lostAndFound: LostAndFound;
  readonly onProblem: (problem: Problem) => void;
  /** The directory of the cache. */
  readonly directory: string;
}

/**
 * Brings rows and data files together after whatever ended the last run, without asking the service:
 *
 * - A file that was being written has the size and time of its data file; nothing that `flush` committed is lost. One that
 *   programs could write past the cache was written if its data file has another size or time than the row tells. What its data file has
 *   behind the end of the store's version is nowhere else.
 * - What was removed while somebody had it open is open no more: its content goes.
 * - A data file without a row is garbage of an unfinished create or delete, or one that was kept for a new content, and goes. If
 *   there are data files and a new database, the old one was lost: those with bytes are put aside in `lost+found`, never deleted.
 * - A row without its data file: what the store has takes its place; if that was never sent, it is lost and told. So it is with the end of a data
 *   file that is shorter than what was committed.
 * - After a power cut, clean content may be torn on disk; it is dropped, and fetched again when it is read.
 */
export function recover(parts: RecoveryParts): void {
  const { tree, holder, stored, quarantine, directory } = parts;
  const known = tree.table.contents();
  if (known.size === 0 && tree.isNew) putAside(parts);
  else removeGarbage(parts, known);
  tree.transaction(() => {
    for (const content of known) if (!stored.numbers.has(content)) replaceMissing(tree, quarantine, content);
    const isTorn = machineDied(directory);
    if (isTorn) for (const node of tree.dirty) dropUnchanged(tree, holder, node);
    for (const node of tree.dirty) recoverNode(parts, node);
    if (isTorn) holder.evict(Infinity);
  });
}

/** Before anything with bytes in it goes, the rows themselves are asked, which takes a while and is seldom needed. */
function removeGarbage({ tree, holder: { contents }, stored }: RecoveryParts, known: ReadonlySet<number>): void {
  const garbage = [...stored.numbers].filter((content) => !known.has(content));
  if (garbage.some((content) => contents.inspect(content)?.size !== 0)) {
    const named = tree.table.contentsOfRows();
    if (garbage.some((content) => named.has(content)))
      throw new DamagedDatabase('an index does not know a data file that belongs to a row');
  }
  for (const content of garbage) contents.remove(content);
}

/** Does `change` to a node's content, and keeps the account of the room. */
function recount(holder: ContentHolder, node: Node, change: () => void): void {
  const before = holder.bytesOf(node);
  change();
  const growth = holder.bytesOf(node) - before;
  if (growth > 0) holder.room.takeForClean(growth);
  else holder.room.give(-growth);
}

/** Of what is only to be renamed, the store has the content. */
function dropUnchanged(tree: Tree, holder: ContentHolder, node: Node): void {
  if (node.content === 0 || node.contentDirty || node.writing || node.synced === null || !isLive(node)) return;
  holder.drop(node);
  tree.save(node);
}

function recoverNode({ tree, holder, quarantine }: RecoveryParts, node: Node): void {
  if (!isLive(node) && node.content !== 0) {
    holder.drop(node);
    tree.save(node);
  }
  const found = node.content === 0 ? undefined : holder.contents.inspect(node.content);
  if (found === undefined) return;
  const { writing, dataModified } = node;
  if (!writing && found.size < node.size) {
    if (!node.contentDirty) return dropUnchanged(tree, holder, node);
    quarantine.shortened(node, found.size);
  }
  const isDirect = writing && dataModified !== 0;
  const isKnown = isDirect ? found.modified === dataModified : !writing;
  const isChanged = !isKnown || found.size !== node.size || node.present?.covers(ownFrom(node), found.size) === false;
  node.writing = false;
  if (isChanged) {
    recount(holder, node, () => resize(node, found.size));
    node.modified = node.changed = found.modified;
    node.contentVersion++;
    node.contentDirty ||= writing;
    node.edits = null;
  }
  if (writing || isChanged) tree.save(node);
  // The program that wrote past the cache may have outlived it.
  if (isDirect && isLive(node)) holder.direct.suspect(node);
}

function resize(node: Node, size: number): void {
  node.present?.cut(size);
  node.present?.add(ownFrom(node), size);
  node.size = size;
}

/** Where the bytes begin that the store cannot have of a content that is not whole here. */
function ownFrom({ size, synced }: Node): number {
  return Math.min(size, synced?.size ?? 0);
}

function replaceMissing(tree: Tree, quarantine: Quarantine, content: number): void {
  const owner = tree.table.ownerOf(content);
  if (owner !== undefined) quarantine.missing(tree.node(owner));
}

function putAside({ holder: { contents }, stored, lostAndFound, onProblem }: RecoveryParts): void {
  const message = 'found without the database that knew its name';
  for (const content of stored.numbers) {
    if (contents.isInline(content) || contents.inspect(content)?.size === 0) contents.remove(content);
    else onProblem(lostAndFound.take(contents.files.pathOf(content), `content-${content}`, { message }));
  }
}

const bootIdFile = '/proc/sys/kernel/random/boot_id';

/** Notes that the cache is in use during this boot of the machine, so that a power cut does not take the note; `markClosed` takes the note back. */
export function markOpen(directory: string): void {
  writeDurably(join(directory, 'boot'), bootId());
}

/** Notes that the cache was closed in order. */
export function markClosed(directory: string): void {
  removeDurably(join(directory, 'boot'));
}

/** Whether the cache was in use when the machine went down. */
export function machineDied(directory: string): boolean {
  const file = join(directory, 'boot');
  return existsSync(file) && readFileSync(file, 'utf8') !== bootId();
}

function bootId(): string {
  return existsSync(bootIdFile) ? readFileSync(bootIdFile, 'utf8').trim() : 'unknown';
}
