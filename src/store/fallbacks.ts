import { isStoreError, StoreError } from './errors.ts';
import { copyTree, find } from './operations.ts';
import { keptMetadata } from './metadata-rules.ts';
import { assertCanonical } from './path.ts';
import { storeSource } from './store-source.ts';
import type { DirectoryEntry, Entry, FileEntry, Store, TransferOptions } from './store.ts';
import { assertTransfer } from './transfer-rules.ts';

/**
 * `Store.copy` for a service that cannot copy: every file is read and written again, as a stream. It keeps the rules of
 * `copy`, and modification times and metadata where the store does. A failure midway leaves the copies that were finished.
 */
export async function copyByRewriting(
  store: Store,
  from: string,
  to: string,
  options: TransferOptions = {},
): Promise<void> {
  await speakingOf('copy', store, from, () => rewrite('copy', store, from, to, options));
}

/**
 * `Store.move` for a service that cannot rename: a copy, then the deletion of exactly what was copied. What somebody changed
 * meanwhile (`Conflict`) or added (`NotEmpty`) at the old place stays there, so no version is lost.
 */
export async function moveByCopying(
  store: Store,
  from: string,
  to: string,
  options: TransferOptions = {},
): Promise<void> {
  await speakingOf('move', store, from, async () => {
    const copied = await rewrite('move', store, from, to, options);
    for (const entry of copied.filter(isFile)) {
      await store.delete(entry.path, { ifRevision: entry.revision, signal: options.signal });
    }
    for (const { path } of copied.filter(isDirectory).sort(deepestFirst)) {
      await store.delete(path, { signal: options.signal });
    }
  });
}

/** Answers what was copied: nothing when a path is moved onto itself. */
async function rewrite(
  operation: 'copy' | 'move',
  store: Store,
  from: string,
  to: string,
  { ifRevision, signal }: TransferOptions,
): Promise<Entry[]> {
  assertCanonical(from, operation, store.name);
  assertCanonical(to, operation, store.name);
  const source = await store.stat(from, { signal });
  const target = await find(store, to, { signal });
  if (!assertTransfer({ operation, store: store.name, from, to }, source.kind, target?.kind)) return [];
  if (source.kind === 'file') {
    const modified = store.capabilities.modified ? source.modified : undefined;
    const metadata = source.metadata && keptMetadata(source.metadata, store.capabilities);
    await store.write(to, storeSource(store, source), { ifRevision, modified, metadata, signal });
    return [source];
  }
  assertNothingExpected(operation, store, to, ifRevision);
  const copied: Entry[] = [];
  await copyTree(store, from, store, to, { signal, onCopied: (entry) => copied.push(entry) });
  return copied;
}

/** A directory has no revision, and by now it is known that there is nothing at its new place. */
function assertNothingExpected(
  operation: string,
  store: Store,
  path: string,
  ifRevision: string | null | undefined,
): void {
  if (ifRevision === undefined) return;
  if (store.capabilities.preconditions === 'none') {
    throw new StoreError('Unsupported', {
      operation,
      path,
      store: store.name,
      message: 'this store keeps no preconditions',
    });
  }
  if (ifRevision !== null) throw new StoreError('Conflict', { operation, path, store: store.name });
}

/** Errors name the operation that the caller called, not the ones that it was made of. */
async function speakingOf(operation: string, store: Store, from: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isStoreError(error) || error.operation === operation) throw error;
    const { code, path = from, retryAfter } = error;
    throw new StoreError(code, {
      operation,
      path,
      store: store.name,
      retryAfter,
      message: error.message,
      cause: error,
    });
  }
}

function isFile(entry: Entry): entry is FileEntry {
  return entry.kind === 'file';
}

function isDirectory(entry: Entry): entry is DirectoryEntry {
  return entry.kind === 'directory';
}

function deepestFirst(a: Entry, b: Entry): number {
  return b.path.length - a.path.length;
}
