import { StoreError } from '../../store/errors.ts';
import { childOf } from '../../store/path.ts';
import type { DirectoryEntry, Entry, FileEntry, ListOptions } from '../../store/store.ts';
import type { Bucket, KeyPage, StoredFile } from './bucket.ts';
import { type BucketKeys, isCanonicalKey } from './bucket-keys.ts';
import { type EmptyFiles, isFolderMarker } from './empty-files.ts';
import { compareKeys } from './key-order.ts';
import { keyPages } from './key-pages.ts';
import { type Found, KeyTree } from './key-tree.ts';
import type { Standings } from './standing.ts';

/** Lists directories: grouped pages for one, ungrouped ones for all below it. */
export class BucketListing {
  readonly #bucket: Bucket;
  readonly #keys: BucketKeys;
  readonly #empties: EmptyFiles;
  readonly #standings: Standings;

  constructor(bucket: Bucket, keys: BucketKeys, empties: EmptyFiles, standings: Standings) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#empties = empties;
    this.#standings = standings;
  }

  /**
   * The entries of a directory, or everything below it, parents before children; see `KeyTree` for what keys stand for. One
   * request for each page, the next one on its way meanwhile; the entries of a page come together. Empty keys that may mark
   * directories cost one more each, or are `unsure` in a quick listing. Throws `NotFound` or `NotADirectory`, which costs a look at
   * the path itself: for a page without any key only.
   */
  async *entries(path: string, { recursive = false, quick = false, signal }: ListOptions): AsyncGenerator<Entry[]> {
    const prefix = this.#keys.prefix(path);
    let found: Entry[] = [];
    const tree = new KeyTree(
      (file) => this.#empties.marksDirectory(file) === true,
      (one) => found.push(quick ? this.#perhaps(one, path) : entryOf(one, path)),
    );
    let isEmpty = path !== '/';
    const look = async (page: KeyPage, looking: AbortSignal): Promise<void> => {
      if (!quick) await this.#look(page, looking);
    };
    for await (const page of keyPages(this.#bucket, { prefix, grouped: !recursive, signal }, look)) {
      for (const [key, file] of inOrder(page)) {
        isEmpty = false;
        tree.add(key.slice(prefix.length), file);
      }
      yield found;
      found = [];
    }
    if (isEmpty) await this.#assertDirectory(path, signal);
    tree.end();
    yield found;
  }

  /** What is recognised by its key needs no look. */
  async #look({ files }: KeyPage, signal: AbortSignal): Promise<void> {
    const empty = files.filter(
      (file) => file.size === 0 && !file.key.endsWith('/') && !isFolderMarker(file) && isCanonicalKey(file.key),
    );
    await this.#empties.look(empty, { signal });
  }

  /** An entry, marked where only a look could tell what it is. */
  #perhaps(found: Found, directory: string): Entry {
    const entry = entryOf(found, directory);
    if (found.kind === 'directory' || entry.kind === 'directory') return entry;
    return this.#empties.marksDirectory(found.file) === undefined ? { ...entry, unsure: true } : entry;
  }

  async #assertDirectory(path: string, signal: AbortSignal | undefined): Promise<void> {
    const { kind } = await this.#standings.at(path, { signal });
    if (kind !== 'directory') throw new StoreError(kind === 'file' ? 'NotADirectory' : 'NotFound', { path });
  }
}

/** A file as the contract has it. */
export function fileEntry(path: string, { size, modified, revision, metadata }: StoredFile): FileEntry {
  const entry = { kind: 'file', path, size, modified, revision } as const;
  return metadata === undefined ? entry : { ...entry, metadata };
}

/** A directory as the contract has it: buckets know nothing of it. */
export function directoryEntry(path: string): DirectoryEntry {
  return { kind: 'directory', path };
}

function entryOf(found: Found, directory: string): Entry {
  const path = childOf(directory, found.name);
  return found.kind === 'file' ? fileEntry(path, found.file) : directoryEntry(path);
}

/** Keys and grouped prefixes of a page, in the order of their UTF-8 bytes: services list them apart. */
function* inOrder({ files, prefixes }: KeyPage): Generator<readonly [string, StoredFile | undefined]> {
  let at = 0;
  for (const file of files) {
    for (; at < prefixes.length && compareKeys(prefixes[at] ?? '', file.key) < 0; at++)
      yield [prefixes[at] ?? '', undefined];
    yield [file.key, file];
  }
  for (; at < prefixes.length; at++) yield [prefixes[at] ?? '', undefined];
}
