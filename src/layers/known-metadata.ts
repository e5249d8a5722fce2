/**
 * What a metadata cache knows, and for how long it may believe it.
 *
 * One record a directory holds what is known of the names in it; a record may also be *complete*, and then a name that it does
 * not hold is absent. The least recently used records are dropped as a whole, so dropping never makes a false absence. Every
 * piece carries the time at which the question for it was put, and is not believed after the time to live.
 *
 * A change made through the cache sets what it is sure of and marks the rest as unknown; a complete record stays complete, with
 * one name in it unknown. Answers that were under way meanwhile are stored without what was changed (`pending-answers.ts`).
 */
import { LRUCache } from 'lru-cache';
import { isInside, nameOf, parentOf } from '../store/path.ts';
import type { Entry } from '../store/store.ts';
import { isCurrent, type PendingAnswer, PendingAnswers } from './pending-answers.ts';

/** An entry; that there is none; that there is a directory, with attributes unknown; or nothing. */
export type Knowledge = Entry | 'absent' | 'directory' | 'unknown';

/** Options of `KnownMetadata`. */
export interface KnownMetadataOptions {
  /** Milliseconds. */
  readonly timeToLive: number;
  readonly maxEntries: number;
  readonly caseSensitive: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What a successful change did to its path. */
export interface Effect {
  readonly kind: 'created' | 'removed';
  /** What is known of the path from now on. */
  readonly knowledge: Knowledge;
}

/** A change that is under way. */
export interface Change {
  readonly path: string;
  /** Directories above that it may touch, nearest first. */
  readonly around: readonly string[];
  /** There was a file at the path, or nothing. */
  readonly heldNothing: boolean;
  readonly pending: PendingAnswer;
}

interface NameRecord {
  readonly at: number;
  readonly knowledge: Knowledge;
}

interface DirectoryRecord {
  /** As it was written by who asked for it. */
  readonly path: string;
  names: Map<string, NameRecord>;
  /** When the listing was asked for that holds every name; never: -Infinity. */
  completeAt: number;
  /** When listing it turned out to be of no use; never: -Infinity. */
  declinedAt: number;
}

/** The key of the record that holds the root itself. */
const aboveRoot = '';

/** The memory of a metadata cache. It asks nobody; nothing here waits or fails. */
export class KnownMetadata {
  readonly #options: KnownMetadataOptions;
  readonly #records: LRUCache<string, DirectoryRecord>;
  readonly #pending = new PendingAnswers();

  constructor(options: KnownMetadataOptions) {
    this.#options = options;
    this.#records = new LRUCache({
      maxSize: options.maxEntries,
      sizeCalculation: ({ names }) => 1 + names.size,
    });
  }

  /** What is known of a path now, from its own record, its parent's listing or the absence of a directory above it. */
  find(path: string): Knowledge {
    const key = this.keyOf(path);
    const record = this.#records.get(recordKeyOf(key));
    const name = record?.names.get(nameOf(key));
    if (name !== undefined && this.isFresh(name.at)) return asWritten(name.knowledge, path);
    if (record !== undefined && this.isFresh(record.completeAt)) return name === undefined ? 'absent' : 'unknown';
    return path !== '/' && this.find(parentOf(path)) === 'absent' ? 'absent' : 'unknown';
  }

  /** Every entry of a directory, if all of them are known. */
  listing(directory: string): Entry[] | undefined {
    const record = this.#records.get(this.keyOf(directory));
    if (record === undefined || record.path !== directory || !this.isFresh(record.completeAt)) return undefined;
    const entries: Entry[] = [];
    for (const { at, knowledge } of record.names.values()) {
      if (knowledge === 'unknown' || knowledge === 'directory' || !this.isFresh(at)) return undefined;
      if (knowledge !== 'absent') entries.push(knowledge);
    }
    return entries;
  }

  /** Whether a listing of the directory would tell more than is known. */
  isWorthListing(directory: string): boolean {
    const record = this.#records.get(this.keyOf(directory));
    return record === undefined || !(this.isFresh(record.completeAt) || this.isFresh(record.declinedAt));
  }

  /** Remembers that listing a directory is of no use: it is too large, or not allowed. */
  decline(directory: string): void {
    this.#update(this.keyOf(directory), directory, (record) => {
      record.declinedAt = this.#options.now();
    });
  }

  /** Announces a question to the store; `end` must follow. */
  begin(kind: PendingAnswer['kind'], path: string): PendingAnswer {
    return this.#pending.begin(kind, this.keyOf(path), this.#options.now());
  }

  end(pending: PendingAnswer): void {
    this.#pending.end(pending);
  }

  /** The store's answer about the path that was asked about, unless that was changed meanwhile. */
  answerEntry(pending: PendingAnswer, path: string, answer: Entry | 'absent'): void {
    if (!pending.entryChanged) this.#set(path, { at: pending.at, knowledge: answer });
  }

  /** The store's whole listing of a directory, without the names that were changed meanwhile. */
  answerListing(pending: PendingAnswer, directory: string, entries: readonly Entry[]): void {
    if (pending.contentsChanged) return;
    const names = new Map<string, NameRecord>(
      entries.map((entry) => [nameOf(this.keyOf(entry.path)), { at: pending.at, knowledge: entry }]),
    );
    // Two names that differ in more than case for the service, but not for us: nothing can be said about either.
    if (names.size < entries.length) return this.decline(directory);
    this.#update(pending.key, directory, (record) => {
      for (const [name, known] of record.names) if (known.at > pending.at) names.set(name, known);
      for (const name of pending.changedNames) names.set(name, record.names.get(name) ?? nothingKnown);
      record.names = names;
      record.completeAt = pending.at;
      record.declinedAt = -Infinity;
    });
  }

  /** Announces a change of `path`; `endChanges` must follow. */
  beginChange(path: string): Change {
    // What is learned while the change is under way may be its work already, so both are decided now.
    const heldNothing = holdsNothing(this.find(path));
    return { path, around: this.#mayBeTouchedBy(path), heldNothing, pending: this.begin('change', path) };
  }

  /**
   * Ends changes that were one call: remembers their effects, in this order, and forgets what else they touched. Without
   * effects (the call failed), or with another change of the same paths at the same time, it forgets everything about them.
   */
  endChanges(changes: readonly Change[], effects: readonly Effect[] | undefined): void {
    const disturbed = !changes.every(({ pending }) => isCurrent(pending));
    for (const { pending } of changes) this.end(pending);
    for (const [index, { path, around, heldNothing }] of changes.entries()) {
      const effect = disturbed ? undefined : effects?.[index];
      this.#changeAround(disturbed ? ancestorsOf(path) : around, effect?.kind);
      this.#changeAt(path, effect?.knowledge ?? 'unknown', heldNothing);
    }
  }

  /** Forgets what is known of one path, because the store disagrees. */
  forget(path: string): void {
    this.#changeEntry(path, 'unknown');
  }

  /** Forgets everything. */
  clear(): void {
    this.#records.clear();
  }

  /** Whether what was asked at this time may still be believed. */
  isFresh(at: number): boolean {
    return this.#options.now() - at < this.#options.timeToLive;
  }

  /**
   * The directories whose entries a change may touch: it may set the times of the one around it, and may make that one and more
   * above it, up to one that is known to exist.
   */
  #mayBeTouchedBy(path: string): string[] {
    const ancestors = ancestorsOf(path);
    const existing = ancestors.findIndex((ancestor) => isDirectory(this.find(ancestor)));
    return existing < 0 ? ancestors : ancestors.slice(0, existing + 1);
  }

  #changeAround(ancestors: readonly string[], kind: Effect['kind'] | undefined): void {
    for (const ancestor of kind === 'removed' ? ancestors.slice(0, 1) : ancestors) {
      const known = this.find(ancestor);
      if (isUntouchable(known)) continue;
      if (kind === 'created' || isDirectory(known)) this.#changeEntry(ancestor, 'directory');
      else this.#changeEntry(ancestor, 'unknown');
    }
  }

  #changeAt(path: string, knowledge: Knowledge, heldNothing: boolean): void {
    this.#changeEntry(path, knowledge);
    // Making a directory that exists leaves what is in it alone.
    if (knowledge === 'directory') return;
    this.#pending.changeBelow(this.keyOf(path));
    if (!(heldNothing && holdsNothing(knowledge))) this.#forgetBelow(this.keyOf(path));
  }

  #changeEntry(path: string, knowledge: Knowledge): void {
    this.#pending.changeEntry(this.keyOf(path));
    this.#set(path, { at: this.#options.now(), knowledge });
  }

  #set(path: string, known: NameRecord): void {
    const key = this.keyOf(path);
    const recordKey = recordKeyOf(key);
    if (known.knowledge === 'unknown' && !this.#records.has(recordKey)) return;
    this.#update(recordKey, path === '/' ? aboveRoot : parentOf(path), ({ names }) => names.set(nameOf(key), known));
  }

  #forgetBelow(key: string): void {
    const below = Array.from(this.#records.keys()).filter((other) => other === key || isInside(other, key));
    for (const recordKey of below) this.#records.delete(recordKey);
  }

  /** The cache learns a record's size only when it is put in. */
  #update(key: string, path: string, change: (record: DirectoryRecord) => void): void {
    const record = this.#records.get(key) ?? { path, names: new Map(), completeAt: -Infinity, declinedAt: -Infinity };
    change(record);
    this.#records.delete(key);
    this.#records.set(key, record);
  }

  /** What paths have in common that may be the same file for the service. */
  keyOf(path: string): string {
    return this.#options.caseSensitive ? path : path.toUpperCase().toLowerCase();
  }
}

const nothingKnown: NameRecord = { at: -Infinity, knowledge: 'unknown' };

/** Nearest first; the root has none. */
function ancestorsOf(path: string): string[] {
  return path === '/' ? [] : [parentOf(path), ...ancestorsOf(parentOf(path))];
}

function recordKeyOf(key: string): string {
  return key === '/' ? aboveRoot : parentOf(key);
}

/** What is known under the name in another case is the same file, but its entry would be written differently. */
function asWritten(knowledge: Knowledge, path: string): Knowledge {
  if (typeof knowledge === 'string' || knowledge.path === path) return knowledge;
  return knowledge.kind === 'directory' ? 'directory' : 'unknown';
}

function holdsNothing(knowledge: Knowledge): boolean {
  return knowledge === 'absent' || (typeof knowledge === 'object' && knowledge.kind === 'file');
}

function isDirectory(knowledge: Knowledge): boolean {
  return knowledge === 'directory' || (typeof knowledge === 'object' && knowledge.kind === 'directory');
}

/** A directory without times: nothing about its entry changes when something in it does. */
function isUntouchable(knowledge: Knowledge): boolean {
  return typeof knowledge === 'object' && knowledge.kind === 'directory' && knowledge.modified === undefined;
}
