import { StoreError, type StoreErrorCode } from '../../store/errors.ts';
import { assertSource } from '../../store/exact-stream.ts';
import { assertMetadata } from '../../store/metadata-rules.ts';
import { deleteEach } from '../../store/delete-each.ts';
import { assertCanonical, nameOf, parentOf } from '../../store/path.ts';
import { assertRange, rangeOf } from '../../store/range.ts';
import type {
  CallOptions,
  Capabilities,
  Changes,
  ChangesOptions,
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
import { noChanges } from '../../store/no-changes.ts';
import { assertTransfer } from '../../store/transfer-rules.ts';
import { directoryEntry, fileEntry, memoryBody } from './memory-answers.ts';
import { memoryCapabilities } from './memory-capabilities.ts';
import { MemoryJournal } from './memory-journal.ts';
import { entriesBelow, type MemoryDirectory, type MemoryFile, type MemoryNode, MemoryTree } from './memory-tree.ts';
import { MemoryUploads, receiveChanges } from './memory-uploads.ts';

/** Any capability may be set, so that callers can be tested against weaker services; those with a meaning here change what the store does. */
export interface MemoryStoreOptions extends Partial<Capabilities> {
  /** @default "memory" */
  readonly name?: string | undefined;
  /** Bytes that fit; a write beyond is `QuotaExceeded`. @default no limit */
  readonly total?: number | undefined;
  /** Listings tell the metadata of files. @default true */
  readonly metadataListed?: boolean | undefined;
}

/**
 * A store in memory: simple and exact, the measure for all others. Every change happens in one step, so preconditions are
 * atomic; times are kept to the millisecond; files and directories keep their ids when they move. It is gone with the process.
 */
export class MemoryStore implements Store {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #tree: MemoryTree;
  readonly #total: number | undefined;
  readonly #metadataListed: boolean;
  readonly #uploads = new MemoryUploads();
  readonly #journal = new MemoryJournal();

  constructor({ name = 'memory', total, metadataListed = true, ...capabilities }: MemoryStoreOptions = {}) {
    this.name = name;
    this.#total = total;
    this.#metadataListed = metadataListed;
    this.capabilities = Object.freeze({ ...memoryCapabilities, ...capabilities });
    this.#tree = new MemoryTree(this.capabilities.caseSensitive);
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    this.#begin('stat', path, options);
    return this.#entry(this.#existing('stat', path), path);
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    this.#begin('list', path, options);
    const node = this.#existing('list', path);
    if (node.kind === 'file') throw this.#error('NotADirectory', 'list', path);
    const snapshot = [...entriesBelow(node, path, options.recursive === true, (child, at) => this.#listed(child, at))];
    for (const entry of snapshot) {
      options.signal?.throwIfAborted();
      yield entry;
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    this.#begin('read', path, options);
    assertRange(options);
    const node = this.#existing('read', path);
    if (node.kind === 'directory') throw this.#error('IsADirectory', 'read', path);
    this.#assertRevision('read', path, node, options.ifRevision);
    const { start, end } = rangeOf(options, node.bytes.length);
    return { entry: this.#fileEntry(node, path), body: memoryBody(node.bytes.subarray(start, end), options.signal) };
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    this.#begin('write', path, options);
    assertSource(source);
    this.#assertMetadata('write', path, options.metadata);
    this.#assertFits(path, source.size);
    const bytes = await this.#receive(path, source, options, this.#assertWritable(path, options));
    const before = this.#assertWritable(path, options);
    const parent = this.#parentFor('write', path);
    this.#assertRoom('write', path, bytes.length - (before?.bytes.length ?? 0));
    const metadata = this.#kept(options.metadata ?? {}, before);
    const file = this.#tree.newFile({ bytes, modified: this.#time(options.modified), metadata }, before?.id);
    this.#tree.put(parent, nameOf(path), file);
    this.#journal.note(path);
    if (options.resume !== undefined) this.#uploads.finish(options.resume, bytes);
    return this.#fileEntry(file, path);
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    this.#begin('setMetadata', path, options);
    this.#assertMetadata('setMetadata', path, metadata);
    const before = this.#existing('setMetadata', path);
    if (before.kind === 'directory') throw this.#error('IsADirectory', 'setMetadata', path);
    this.#assertRevision('setMetadata', path, before, options.ifRevision);
    const file = this.#tree.newFile({ ...before, metadata: this.#kept(metadata, before) }, before.id);
    this.#tree.put(this.#parentFor('setMetadata', path), nameOf(path), file);
    this.#journal.note(path);
    return this.#fileEntry(file, path);
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    this.#begin('makeDirectory', path, options);
    if (this.#tree.find(path)?.kind === 'file') throw this.#error('AlreadyExists', 'makeDirectory', path);
    if (this.#tree.ensureDirectory(path) === undefined) throw this.#error('NotADirectory', 'makeDirectory', path);
    this.#journal.note(path);
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    this.#begin('delete', path, options);
    if (path === '/') throw this.#error('InvalidPath', 'delete', path, 'the root cannot be deleted');
    const node = this.#tree.find(path);
    if (node === undefined) return;
    this.#assertRevision('delete', path, node, options.ifRevision);
    if (node.kind === 'directory' && node.children.size > 0 && options.recursive !== true) {
      throw this.#error('NotEmpty', 'delete', path);
    }
    this.#detach(path);
    this.#journal.note(path);
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return deleteEach(this, entries, options);
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    this.#transfer('copy', from, to, options, (node, parent) => {
      this.#assertRoom('copy', to, this.#tree.size(node));
      this.#tree.put(parent, nameOf(to), this.#tree.duplicate(node));
      this.#journal.note(to);
    });
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    this.#transfer('move', from, to, options, (node, parent) => {
      this.#detach(from);
      this.#tree.put(parent, nameOf(to), node);
      this.#journal.note(from, to);
    });
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    options.signal?.throwIfAborted();
    return { used: this.#tree.size(), total: this.#total, account: 'memory' };
  }

  changes(since: string | undefined, options: ChangesOptions = {}): Promise<Changes> {
    if (this.capabilities.changes === 'none') return noChanges(this.name);
    const wait = this.capabilities.changes === 'wait' ? options.wait : 0;
    return this.#journal.answer(since, { ...options, wait }, (path) => {
      const node = this.#tree.find(path);
      return node === undefined ? null : this.#entry(node, path);
    });
  }

  async close(): Promise<void> {}

  #receive(path: string, source: Source, options: WriteOptions, before: MemoryFile | undefined): Promise<Uint8Array> {
    const { partialFrom, resumableFrom } = this.capabilities;
    const call = { signal: options.signal, operation: 'write', path, store: this.name };
    const { unchanged, resume, ifRevision } = options;
    if (unchanged !== undefined && before !== undefined && ifRevision !== undefined && source.size >= partialFrom)
      return receiveChanges(source, before.bytes, unchanged, call);
    if (resume !== undefined && source.size >= resumableFrom) return this.#uploads.receive(path, source, resume, call);
    return receiveChanges(source, new Uint8Array(0), [], call);
  }

  #begin(
    operation: string,
    path: string,
    options: { signal?: AbortSignal | undefined; ifRevision?: string | null | undefined },
  ): void {
    assertCanonical(path, operation, this.name);
    options.signal?.throwIfAborted();
    if (options.ifRevision !== undefined && this.capabilities.preconditions === 'none') {
      throw this.#error('Unsupported', operation, path, 'this store keeps no preconditions');
    }
  }

  #transfer(
    operation: 'copy' | 'move',
    from: string,
    to: string,
    options: TransferOptions,
    apply: (node: MemoryNode, parent: MemoryDirectory) => void,
  ): void {
    this.#begin(operation, from, options);
    assertCanonical(to, operation, this.name);
    const node = this.#existing(operation, from);
    const target = this.#tree.find(to);
    const isSame = target === node;
    if (!assertTransfer({ operation, store: this.name, from, to }, node.kind, isSame ? undefined : target?.kind))
      return;
    this.#assertRevision(operation, to, target, options.ifRevision);
    if (isSame && operation === 'copy') return;
    if (this.#tree.holds(node, parentOf(to)))
      throw this.#error('InvalidPath', operation, to, 'a directory cannot go into itself');
    apply(node, this.#parentFor(operation, to));
  }

  #existing(operation: string, path: string): MemoryNode {
    const node = this.#tree.find(path);
    if (node === undefined) throw this.#error('NotFound', operation, path);
    return node;
  }

  #parentFor(operation: string, path: string): MemoryDirectory {
    const parent = this.#tree.ensureDirectory(parentOf(path));
    if (parent === undefined) throw this.#error('NotADirectory', operation, path, 'a parent is a file');
    return parent;
  }

  #detach(path: string): void {
    const parent = this.#tree.find(parentOf(path));
    if (parent?.kind === 'directory') this.#tree.remove(parent, nameOf(path));
  }

  #assertWritable(path: string, options: WriteOptions): MemoryFile | undefined {
    const node = this.#tree.find(path);
    if (node?.kind === 'directory') throw this.#error('IsADirectory', 'write', path);
    this.#assertRevision('write', path, node, options.ifRevision);
    return node;
  }

  #assertRevision(
    operation: string,
    path: string,
    node: MemoryNode | undefined,
    expected: string | null | undefined,
  ): void {
    if (expected === undefined) return;
    const found = node?.kind === 'file' ? node.revision : null;
    if (found !== expected || node?.kind === 'directory') throw this.#error('Conflict', operation, path);
  }

  #assertFits(path: string, size: number): void {
    if (size > this.capabilities.maxFileSize) throw this.#error('TooLarge', 'write', path);
  }

  #assertRoom(operation: string, path: string, growth: number): void {
    if (this.#total !== undefined && growth > 0 && this.#tree.size() + growth > this.#total) {
      throw this.#error('QuotaExceeded', operation, path);
    }
  }

  #time(modified: number | undefined): number {
    const time = this.capabilities.modified && modified !== undefined ? modified : Date.now();
    const precision = Math.max(1, this.capabilities.modifiedPrecision);
    return Math.floor(time / precision) * precision;
  }

  #assertMetadata(operation: 'write' | 'setMetadata', path: string, metadata: Metadata | undefined): void {
    assertMetadata(metadata, { operation, path, store: this.name, capabilities: this.capabilities });
  }

  /** A store of modes has one for each file. */
  #kept(metadata: Metadata, before: MemoryFile | undefined): Metadata {
    return this.capabilities.metadata === 'mode'
      ? { mode: '100644', ...before?.metadata, ...metadata }
      : { ...metadata };
  }

  #listed(node: MemoryNode, path: string): Entry {
    const entry = this.#entry(node, path);
    if (this.#metadataListed || entry.kind === 'directory') return entry;
    const { metadata: _untold, ...told } = entry;
    return told;
  }

  #entry(node: MemoryNode, path: string): Entry {
    return node.kind === 'file' ? this.#fileEntry(node, path) : directoryEntry(node, path);
  }

  #fileEntry(file: MemoryFile, path: string): FileEntry {
    return fileEntry(file, path, this.capabilities);
  }

  #error(code: StoreErrorCode, operation: string, path: string, message?: string): StoreError {
    return new StoreError(code, { operation, path, store: this.name, message });
  }
}
