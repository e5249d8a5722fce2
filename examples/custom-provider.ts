/**
 * A provider of one's own: a store that keeps files in an SQLite database. It keeps every law of `Store`; the conformance suite
 * proves it (`test/examples.test.ts`). The tutorial `docs/write-a-provider.md` goes through it step by step.
 */
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import {
  assertCanonical,
  assertMetadata,
  assertSource,
  assertTransfer,
  type CallOptions,
  type Capabilities,
  type Changes,
  deleteEach,
  type DeleteOptions,
  type Download,
  type Entry,
  exactStream,
  type FileEntry,
  type KnownEntry,
  type ListOptions,
  type Metadata,
  noChanges,
  parentOf,
  type ReadOptions,
  rangeOf,
  type SetMetadataOptions,
  type Source,
  type Store,
  StoreError,
  type StoreErrorCode,
  type TransferOptions,
  type Usage,
  type WriteOptions,
} from 'cloudfusion';

interface Row {
  readonly path: string;
  readonly kind: 'file' | 'directory';
  readonly size: number;
  readonly modified: number;
  readonly revision: string;
}

const chunkBytes = 65_536;
const columns = 'path, kind, coalesce(length(content), 0) AS size, modified, revision';
/** Everything below `:path`: "0" is the character after "/". */
const below = "path > :path || '/' AND path < :path || '0'";

/** Files in one SQLite database. A file is in memory while it is read or written. */
export class SqliteStore implements Store {
  readonly name = 'sqlite';
  readonly capabilities: Capabilities = {
    preconditions: 'atomic',
    modified: true,
    modifiedPrecision: 1,
    modifiedListed: true,
    caseSensitive: true,
    refusedNames: null,
    rangedReads: true,
    serverSideCopy: true,
    serverSideMove: true,
    maxFileSize: 64_000_000,
    metadata: 'none',
    maxMetadataBytes: 0,
    resumableFrom: Infinity,
    partialFrom: Infinity,
    changes: 'none',
    gatheredUpTo: 0,
  };

  readonly #database: DatabaseSync;

  /** Opens the database in the file `location`, or makes it. */
  constructor(location: string) {
    this.#database = new DatabaseSync(location);
    this.#database.exec(`CREATE TABLE IF NOT EXISTS entries (
      path TEXT PRIMARY KEY, kind TEXT NOT NULL, content BLOB, modified INTEGER NOT NULL, revision TEXT NOT NULL
    ) STRICT`);
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    this.#begin('stat', path, options);
    return entryOf(this.#existing('stat', path));
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    this.#begin('list', path, options);
    if (this.#existing('list', path).kind === 'file') throw this.#error('NotADirectory', 'list', path);
    for (const row of this.#rowsBelow(path, options.recursive === true)) {
      options.signal?.throwIfAborted();
      yield entryOf(row);
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    this.#begin('read', path, options);
    const row = this.#existing('read', path);
    const entry = entryOf(row);
    if (entry.kind === 'directory') throw this.#error('IsADirectory', 'read', path);
    this.#assertRevision('read', path, row, options.ifRevision);
    const { start, end } = rangeOf(options, row.size);
    const found = this.#database
      .prepare('SELECT substr(content, :first, :length) AS bytes FROM entries WHERE path = :path')
      .get({ first: start + 1, length: end - start, path }) as { bytes: Uint8Array | null };
    return { entry, body: bodyOf(found.bytes ?? new Uint8Array(), options.signal) };
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    this.#begin('write', path, options);
    assertSource(source);
    this.#assertKept('write', path, options.metadata);
    if (source.size > this.capabilities.maxFileSize) throw this.#error('TooLarge', 'write', path);
    this.#assertWritable(path, options);
    const content = new Uint8Array(source.size);
    let size = 0;
    for await (const chunk of exactStream(source, { ...options, operation: 'write', path, store: this.name })) {
      content.set(chunk, size);
      size += chunk.length;
    }
    return this.#atomically(() => {
      this.#assertWritable(path, options);
      this.#makeDirectories('write', parentOf(path));
      const modified = Math.floor(options.modified ?? Date.now());
      const revision = randomUUID();
      this.#database
        .prepare("REPLACE INTO entries VALUES (:path, 'file', :content, :modified, :revision)")
        .run({ path, content, modified, revision });
      return { kind: 'file', path, size, modified, revision };
    });
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    this.#begin('setMetadata', path, options);
    this.#assertKept('setMetadata', path, metadata);
    throw this.#error('Unsupported', 'setMetadata', path);
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    this.#begin('makeDirectory', path, options);
    this.#atomically(() => {
      if (this.#find(path)?.kind === 'file') throw this.#error('AlreadyExists', 'makeDirectory', path);
      this.#makeDirectories('makeDirectory', path);
    });
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    this.#begin('delete', path, options);
    if (path === '/') throw this.#error('InvalidPath', 'delete', path);
    this.#atomically(() => {
      const row = this.#find(path);
      if (row === undefined) return;
      this.#assertRevision('delete', path, row, options.ifRevision);
      const isEmpty = this.#rowsBelow(path, true).next().done === true;
      if (!isEmpty && options.recursive !== true) throw this.#error('NotEmpty', 'delete', path);
      this.#database.prepare(`DELETE FROM entries WHERE path = :path OR (${below})`).run({ path });
    });
  }

  async deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return await deleteEach(this, entries, options);
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    this.#transfer('copy', from, to, options, (at) =>
      this.#database
        .prepare(
          `INSERT OR REPLACE INTO entries SELECT :to || substr(path, length(:path) + 1), kind, content, modified, revision
           FROM entries WHERE path = :path OR (${below})`,
        )
        .run(at),
    );
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    this.#transfer('move', from, to, options, (at) =>
      this.#database
        .prepare(
          `UPDATE OR REPLACE entries SET path = :to || substr(path, length(:path) + 1) WHERE path = :path OR (${below})`,
        )
        .run(at),
    );
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    options.signal?.throwIfAborted();
    const row = this.#database.prepare('SELECT coalesce(sum(length(content)), 0) AS used FROM entries').get();
    return { used: Number(row?.['used']) };
  }

  changes(): Promise<Changes> {
    return noChanges(this.name);
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  /** What every call does first: a bad path and an aborted signal cost no request. */
  #begin(operation: string, path: string, options: CallOptions): void {
    assertCanonical(path, operation, this.name);
    options.signal?.throwIfAborted();
  }

  /** Metadata that cannot be kept is refused, never dropped in silence. */
  #assertKept(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
  }

  #transfer(
    operation: 'copy' | 'move',
    from: string,
    to: string,
    options: TransferOptions,
    apply: (at: { path: string; to: string }) => void,
  ): void {
    this.#begin(operation, from, options);
    assertCanonical(to, operation, this.name);
    this.#atomically(() => {
      const source = this.#existing(operation, from);
      const target = this.#find(to);
      if (!assertTransfer({ operation, store: this.name, from, to }, source.kind, target?.kind)) return;
      this.#assertRevision(operation, to, target, options.ifRevision);
      this.#makeDirectories(operation, parentOf(to));
      apply({ path: from, to });
    });
  }

  #atomically<T>(change: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #find(path: string): Row | undefined {
    if (path === '/') return { path, kind: 'directory', size: 0, modified: 0, revision: '' };
    return this.#database.prepare(`SELECT ${columns} FROM entries WHERE path = :path`).get({ path }) as Row | undefined;
  }

  #existing(operation: string, path: string): Row {
    const row = this.#find(path);
    if (row === undefined) throw this.#error('NotFound', operation, path);
    return row;
  }

  /** In the order of their paths, so parents come before children. */
  #rowsBelow(directory: string, recursive: boolean): IterableIterator<Row> {
    const path = directory === '/' ? '' : directory;
    const direct = "instr(substr(path, length(:path) + 2), '/') = 0";
    return this.#database
      .prepare(`SELECT ${columns} FROM entries WHERE ${below} ${recursive ? '' : `AND ${direct}`} ORDER BY path`)
      .all({ path })
      .values() as IterableIterator<unknown> as IterableIterator<Row>;
  }

  #makeDirectories(operation: string, path: string): void {
    const row = this.#find(path);
    if (row?.kind === 'file') throw this.#error('NotADirectory', operation, path);
    if (row !== undefined) return;
    this.#makeDirectories(operation, parentOf(path));
    this.#database
      .prepare("INSERT INTO entries VALUES (:path, 'directory', NULL, :now, '')")
      .run({ path, now: Date.now() });
  }

  #assertWritable(path: string, { ifRevision }: WriteOptions): void {
    const row = this.#find(path);
    if (row?.kind === 'directory') throw this.#error('IsADirectory', 'write', path);
    this.#assertRevision('write', path, row, ifRevision);
  }

  #assertRevision(operation: string, path: string, row: Row | undefined, expected: string | null | undefined): void {
    if (expected === undefined) return;
    if ((row?.revision ?? null) !== expected) throw this.#error('Conflict', operation, path);
  }

  #error(code: StoreErrorCode, operation: string, path: string): StoreError {
    return new StoreError(code, { operation, path, store: this.name });
  }
}

function entryOf({ path, kind, size, modified, revision }: Row): Entry {
  return kind === 'file' ? { kind, path, size, modified, revision } : { kind, path };
}

async function* bodyOf(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    signal?.throwIfAborted();
    yield bytes.subarray(at, at + chunkBytes);
  }
}
