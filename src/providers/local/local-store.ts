import { type FileHandle, open, rmdir, statfs, unlink } from 'node:fs/promises';
import { assertSource } from '../../store/exact-stream.ts';
import { copyByRewriting, moveByCopying } from '../../store/fallbacks.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { deleteEach } from '../../store/delete-each.ts';
import { assertCanonical, parentOf } from '../../store/path.ts';
import { assertRange, rangeOf } from '../../store/range.ts';
import { noChanges } from '../../store/no-changes.ts';
import type {
  CallOptions,
  Capabilities,
  Changes,
  DeleteOptions,
  Download,
  Entry,
  FileEntry,
  KnownEntry,
  ListOptions,
  Metadata,
  ReadOptions,
  SetMetadataOptions,
  Source,
  Store,
  TransferOptions,
  Usage,
  WriteOptions,
} from '../../store/store.ts';
import { withLock } from './keyed-lock.ts';
import { LocalBody } from './local-body.ts';
import { LocalDisk } from './local-disk.ts';
import { localEntry, localFile } from './local-entry.ts';
import { type LocalCall, LocalRefusal, localError, tolerating } from './local-errors.ts';
import { listDirectory } from './local-listing.ts';
import { setMode } from './local-mode.ts';
import { moveLocally } from './local-move.ts';
import { assertNotReserved, assertParent, assertRevision } from './local-rules.ts';
import { writeLocally } from './local-write.ts';
import { readFlags } from './read-flags.ts';
import { removeTree } from './remove-tree.ts';

/** Where a `LocalStore` keeps its files. */
export interface LocalStoreOptions {
  /** The directory that is shown. It is made when only itself is missing. */
  readonly root: string;
}

/**
 * A directory as a store: plain files at their own paths, written atomically and durably.
 *
 * It shows files and directories whose names are UTF-8. Symbolic links and special files (devices, pipes, sockets) are left out
 * of listings, and every path onto or through one is `PermissionDenied`; a recursive delete removes the links, never what they
 * point to. A hard link that is written becomes a file of its own. Unfinished uploads live in `.cloudfusion-uploads` of the root
 * while there are any; names that begin so are `InvalidPath`. A file's mode is its permissions on the disk. Preconditions are exact among the stores of one process.
 */
export class LocalStore implements Store {
  readonly name: string = 'local';
  readonly capabilities: Capabilities = localCapabilities;
  readonly #disk: LocalDisk;
  readonly #running = new Set<Promise<unknown>>();
  readonly #bodies = new Set<LocalBody>();

  /** Throws a `StoreError` that says what is wrong with the root: missing with its parent, no directory, not readable or writable. */
  constructor({ root }: LocalStoreOptions) {
    this.#disk = new LocalDisk(root);
  }

  stat(path: string, options: CallOptions = {}): Promise<Entry> {
    return this.#run('stat', path, options, async () => {
      const { stats } = await this.#disk.root.find(path);
      if (stats === undefined) throw notFound();
      return localEntry(path, stats);
    });
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const { recursive = false, signal } = options;
    await this.#run('list', path, options, () => this.#assertDirectory(path));
    const pending = [path];
    try {
      for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
        for await (const entry of this.#listOne(directory, directory === path)) {
          signal?.throwIfAborted();
          if (recursive && entry.kind === 'directory') pending.push(entry.path);
          yield entry;
          signal?.throwIfAborted();
        }
      }
    } catch (error) {
      throw localError(error, this.#call('list', path));
    }
  }

  read(path: string, options: ReadOptions = {}): Promise<Download> {
    return this.#run('read', path, options, async (call) => {
      assertRange(options);
      const { stats: found } = await this.#disk.root.find(path);
      if (found === undefined) throw notFound();
      if (found.isDirectory()) throw new LocalRefusal('IsADirectory', 'a directory has no bytes');
      const file = await open(this.#disk.root.absolute(path), readFlags);
      try {
        return await this.#download(file, path, options, call);
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    return this.#run('write', path, options, async (call) => {
      assertSource(source);
      assertMetadata(options.metadata, { ...call, operation: 'write', capabilities: this.capabilities });
      return writeLocally(this.#disk, path, source, options, call);
    });
  }

  setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    return this.#run('setMetadata', path, options, async (call) => {
      assertMetadata(metadata, { ...call, operation: 'setMetadata', capabilities: this.capabilities });
      return localFile(path, await setMode(this.#disk, path, metadata, options));
    });
  }

  makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    return this.#run('makeDirectory', path, options, async () => {
      const { stats, parent } = await this.#disk.root.find(path);
      if (stats?.isFile() === true) throw new LocalRefusal('AlreadyExists', 'there is a file of that name');
      assertParent(parent);
      await this.#disk.makeDirectory(path);
    });
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    return this.#run('delete', path, options, async () => {
      if (path === '/') throw new LocalRefusal('InvalidPath', 'the root cannot be deleted');
      await withLock(this.#disk.root.absolute(path), () => this.#delete(path, options));
      await this.#disk.sync(parentOf(path));
    });
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return deleteEach(this, entries, options);
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#run('copy', from, options, () => copyByRewriting(this, from, to, options));
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    await this.#run('move', from, options, async (call) => {
      assertCanonical(to, 'move', this.name);
      assertNotReserved(to);
      const isDone = await moveLocally(this.#disk, from, to, options, call);
      if (!isDone) await moveByCopying(this, from, to, options);
    });
  }

  /** Figures of the file system that holds the root; what others keep there counts as used. */
  usage(options: CallOptions = {}): Promise<Usage> {
    return this.#run('usage', '/', options, async () => {
      const { bsize, blocks, bfree, bavail } = await statfs(this.#disk.root.absolute('/'));
      const used = (blocks - bfree) * bsize;
      return { used, total: used + bavail * bsize };
    });
  }

  changes(): Promise<Changes> {
    return noChanges(this.name);
  }

  /** Waits for the calls that are under way, and closes the files of bodies that nobody has read to the end. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#bodies].map((body) => body.end()));
  }

  async #run<T>(
    operation: string,
    path: string,
    { signal }: CallOptions,
    work: (call: LocalCall) => Promise<T>,
  ): Promise<T> {
    assertCanonical(path, operation, this.name);
    const call = this.#call(operation, path);
    const running = (async () => {
      signal?.throwIfAborted();
      assertNotReserved(path);
      return await work(call);
    })();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw signal?.aborted === true && error === signal.reason ? error : localError(error, call);
    } finally {
      this.#running.delete(running);
    }
  }

  async #assertDirectory(path: string): Promise<void> {
    const { stats } = await this.#disk.root.find(path);
    if (stats === undefined) throw notFound();
    if (!stats.isDirectory()) throw new LocalRefusal('NotADirectory', 'a file has no entries');
  }

  /** A directory below the one that is listed may vanish meanwhile, or become something else; then it has no entries any more. */
  async *#listOne(path: string, isFirst: boolean): AsyncGenerator<Entry> {
    if (!isFirst && (await this.#disk.root.find(path)).stats?.isDirectory() !== true) return;
    yield* listDirectory(this.#disk.root, path);
  }

  async #download(file: FileHandle, path: string, options: ReadOptions, call: LocalCall): Promise<Download> {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw new LocalRefusal('PermissionDenied', 'it became something else than a file');
    assertRevision(stats, options.ifRevision);
    const { start, end } = rangeOf(options, Number(stats.size));
    const body = new LocalBody({ file, stats, start, end, call, signal: options.signal }, (ended) =>
      this.#bodies.delete(ended),
    );
    this.#bodies.add(body);
    return { entry: localFile(path, stats), body };
  }

  async #delete(path: string, { recursive = false, ifRevision, signal }: DeleteOptions): Promise<void> {
    const { stats } = await this.#disk.root.find(path);
    if (stats === undefined) return;
    assertRevision(stats, ifRevision);
    const target = this.#disk.root.absolute(path);
    if (!stats.isDirectory()) await tolerating(unlink(target), 'ENOENT');
    else if (recursive) await removeTree(target, signal);
    else await tolerating(rmdir(target), 'ENOENT');
  }

  #call(operation: string, path: string): LocalCall {
    return { operation, path, store: this.name };
  }
}

const localCapabilities: Capabilities = Object.freeze({
  preconditions: 'checked',
  modified: true,
  modifiedPrecision: 1,
  modifiedListed: true,
  caseSensitive: true,
  refusedNames: null,
  rangedReads: true,
  serverSideCopy: false,
  serverSideMove: true,
  maxFileSize: Infinity,
  metadata: 'mode',
  maxMetadataBytes: 64,
  resumableFrom: Infinity,
  partialFrom: Infinity,
  changes: 'none',
  gatheredUpTo: 0,
});

function notFound(): LocalRefusal {
  return new LocalRefusal('NotFound', 'there is no such file or directory');
}
