import { isStoreError, StoreError } from './errors.ts';
import { forEachConcurrently } from './for-each-concurrently.ts';
import { keptMetadata } from './metadata-rules.ts';
import { isInside } from './path.ts';
import { bytesSource } from './source.ts';
import { storeSource } from './store-source.ts';
import type {
  CallOptions,
  DirectoryEntry,
  Entry,
  FileEntry,
  Metadata,
  ReadOptions,
  Store,
  WriteOptions,
} from './store.ts';

const copiesAtOnce = 8;

/** Whether there is a file or directory at `path`. Every failure but `NotFound` is thrown. */
export async function exists(store: Store, path: string, options: CallOptions = {}): Promise<boolean> {
  return (await find(store, path, options)) !== undefined;
}

/** The entry at `path`, or undefined where there is none. Every failure but `NotFound` is thrown. */
export async function find(store: Store, path: string, options: CallOptions = {}): Promise<Entry | undefined> {
  try {
    return await store.stat(path, options);
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** A file's bytes, or a range of them, in memory. Throws as `Store.read` and its body do. */
export async function readBytes(store: Store, path: string, options: ReadOptions = {}): Promise<Uint8Array> {
  const { body } = await store.read(path, options);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
  }
  return concatenate(chunks, size);
}

/** A file's bytes as UTF-8, unchanged but for the decoding. Throws a `TypeError` for what is not UTF-8. */
export async function readText(store: Store, path: string, options: ReadOptions = {}): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readBytes(store, path, options));
}

/** Writes bytes, or a string as UTF-8. Throws as `Store.write` does. */
export function writeBytes(
  store: Store,
  path: string,
  data: Uint8Array | string,
  options: WriteOptions = {},
): Promise<FileEntry> {
  return store.write(path, bytesSource(data), options);
}

/** Options of `walk`. */
export interface WalkOptions extends CallOptions {
  /** Whether to go into a directory; it is yielded in any case. @default into all */
  readonly enter?: ((directory: DirectoryEntry) => boolean) | undefined;
}

/**
 * Everything below a directory, parents before children, with one listing for each directory that is entered. Prefer
 * `list` with `recursive` where all is wanted: many services answer that in few requests.
 */
export async function* walk(store: Store, path: string, options: WalkOptions = {}): AsyncGenerator<Entry> {
  const { enter = () => true, signal } = options;
  const pending = [path];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for await (const entry of store.list(directory, { signal })) {
      yield entry;
      if (entry.kind === 'directory' && enter(entry)) pending.push(entry.path);
    }
  }
}

/** Where `copyTree` reads and writes. */
export interface CopyTreeOptions extends CallOptions {
  /** Files under way at once. @default 8 */
  readonly concurrency?: number | undefined;
  /** Told of each file and directory of the source once it has been copied. */
  readonly onCopied?: ((source: Entry) => void) | undefined;
}

/**
 * Copies a file, or a directory with all below it, from one store to another (or the same): directories are joined, files
 * replaced, modification times and metadata kept where the target keeps them. Where only `stat` tells the metadata, it is asked
 * about each file. Nothing is deleted. Throws `InvalidPath` for a copy into itself.
 */
export async function copyTree(
  from: Store,
  fromPath: string,
  to: Store,
  toPath: string,
  options: CopyTreeOptions = {},
): Promise<void> {
  const { concurrency = copiesAtOnce, onCopied, signal } = options;
  if (from === to && isInside(toPath, fromPath)) {
    throw new StoreError('InvalidPath', {
      operation: 'copy',
      path: toPath,
      store: to.name,
      message: 'a directory cannot go into itself',
    });
  }
  const copyFile = async (source: FileEntry): Promise<void> => {
    const modified = to.capabilities.modified ? source.modified : undefined;
    const metadata = await metadataFor(to, from, source, signal);
    await to.write(rebase(source.path, fromPath, toPath), storeSource(from, source), { modified, metadata, signal });
    onCopied?.(source);
  };
  const root = await from.stat(fromPath, { signal });
  if (from === to && fromPath === toPath) return;
  if (root.kind === 'file') return copyFile(root);
  await forEachConcurrently(filesIn(root), concurrency, copyFile);

  async function* filesIn(directory: DirectoryEntry): AsyncGenerator<FileEntry> {
    await to.makeDirectory(toPath, { signal });
    onCopied?.(directory);
    for await (const entry of from.list(fromPath, { recursive: true, signal })) {
      if (entry.kind === 'file') yield entry;
      else {
        await to.makeDirectory(rebase(entry.path, fromPath, toPath), { signal });
        onCopied?.(entry);
      }
    }
  }
}

/** What `to` keeps of the metadata of a file of `from`. */
async function metadataFor(
  to: Store,
  from: Store,
  file: FileEntry,
  signal?: AbortSignal,
): Promise<Metadata | undefined> {
  if (to.capabilities.metadata === 'none' || from.capabilities.metadata === 'none') return undefined;
  const known = file.metadata === undefined ? await from.stat(file.path, { signal }) : file;
  if (known.kind !== 'file' || known.metadata === undefined) return undefined;
  return keptMetadata(known.metadata, to.capabilities);
}

/** The place below `to` that `path` has below `from`. */
function rebase(path: string, from: string, to: string): string {
  const below = from === '/' ? path : path.slice(from.length);
  return to === '/' ? below || '/' : `${to}${below === '/' ? '' : below}`;
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
