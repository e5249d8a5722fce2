import { untilAborted } from '../layers/until-aborted.ts';
import { StoreError } from '../store/errors.ts';
import { assertSource } from '../store/exact-stream.ts';
import { assertRange, rangeOf } from '../store/range.ts';
import { assertTransfer } from '../store/transfer-rules.ts';
import { deleteEach } from '../store/delete-each.ts';
import { assertCanonical, childOf, nameOf } from '../store/path.ts';
import { noChanges } from '../store/no-changes.ts';
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
} from '../store/store.ts';
import type { CachedStoreParts } from './cached-store-parts.ts';
import { ContentReader } from './content-reader.ts';
import { ContentWriter } from './content-writer.ts';
import type { Node } from './node.ts';
import type { Ownership } from './node-tree.ts';
import type { UsualAttributes } from './usual-attributes.ts';
import { PathResolver } from './path-resolver.ts';

/** The files of a cache by path: the whole `Store` contract over local nodes. Every change is local, and committed. */
export abstract class CachedStore implements Store {
  readonly name: string;
  abstract readonly capabilities: Capabilities;
  readonly #parts: CachedStoreParts;
  readonly #paths: PathResolver;
  readonly #reader: ContentReader;
  readonly #writer: ContentWriter;

  constructor(name: string, parts: CachedStoreParts) {
    this.name = name;
    this.#parts = parts;
    this.#paths = new PathResolver(parts.cacheTree, parts.tree, directoryOf(parts.usual));
    this.#reader = new ContentReader(parts);
    this.#writer = new ContentWriter(parts);
  }

  async stat(path: string, options: CallOptions = {}): Promise<Entry> {
    const node = await this.#find('stat', path, options);
    if (node.kind === 'file') await this.#parts.metadata.learn(node, options);
    return this.#entryOf(node, path);
  }

  async *list(path: string, options: ListOptions = {}): AsyncGenerator<Entry> {
    const directory = await this.#find('list', path, options);
    if (directory.kind === 'file') throw this.#error('NotADirectory', 'list', path);
    yield* this.#listNode(directory, path, options);
  }

  async *#listNode(directory: Node, path: string, options: ListOptions): AsyncGenerator<Entry> {
    const { cacheTree, tree } = this.#parts;
    if (tree.find(directory.id) === undefined) return;
    const names = async (): Promise<readonly Node[]> => orAbort(cacheTree.list(directory.id), options.signal);
    let nodes = await names();
    if (options.quick !== true && nodes.some(isUnsure)) {
      await orAbort(cacheTree.makeSure(directory.id), options.signal);
      nodes = await names();
    }
    for (const { id } of nodes) {
      options.signal?.throwIfAborted();
      const node = tree.find(id);
      // Gone since the listing began: as if it had been removed before.
      if (node === undefined || node.parent === null) continue;
      const at = childOf(path, node.name);
      const entry = this.#entryOf(node, at);
      yield options.quick === true && entry.kind === 'file' && isUnsure(node) ? { ...entry, unsure: true } : entry;
      if (options.recursive && node.kind === 'directory') yield* this.#listNode(node, at, options);
    }
  }

  async read(path: string, options: ReadOptions = {}): Promise<Download> {
    assertRange(options);
    const node = await this.#find('read', path, options);
    if (node.kind === 'directory') throw this.#error('IsADirectory', 'read', path);
    const entry = this.#fileEntryOf(node, path);
    this.#assertRevision('read', path, node, options.ifRevision);
    const { start, end } = rangeOf(options, entry.size);
    return { entry, body: this.#reader.read(node, start, end, options.signal) };
  }

  async write(path: string, source: Source, options: WriteOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'write', this.name);
    options.signal?.throwIfAborted();
    if (path === '/') throw this.#error('IsADirectory', 'write', path);
    assertSource(source);
    this.#parts.metadata.assert(options.metadata, { operation: 'write', path, store: this.name });
    if (source.size > this.capabilities.maxFileSize) throw this.#error('TooLarge', 'write', path);
    const target = await orAbort(this.#paths.find(path), options.signal);
    this.#assertReplaceable('write', path, target, options.ifRevision);
    const content = await this.#writer.fill(source, path, options.signal);
    try {
      const directory = await this.#paths.makeParent(path, 'write');
      const standing = this.#parts.tree.children(directory).get(nameOf(path));
      this.#assertReplaceable('write', path, standing, options.ifRevision);
      return this.#fileEntryOf(this.#writer.put(content, { directory, name: nameOf(path), standing }, options), path);
    } catch (error) {
      this.#writer.discard(content);
      throw error;
    }
  }

  async setMetadata(path: string, metadata: Metadata, options: SetMetadataOptions = {}): Promise<FileEntry> {
    assertCanonical(path, 'setMetadata', this.name);
    options.signal?.throwIfAborted();
    this.#parts.metadata.assert(metadata, { operation: 'setMetadata', path, store: this.name });
    const node = await this.#find('setMetadata', path, options);
    if (node.kind === 'directory') throw this.#error('IsADirectory', 'setMetadata', path);
    this.#assertRevision('setMetadata', path, node, options.ifRevision);
    this.#parts.metadata.replace(node, metadata);
    this.#parts.cacheTree.announce({ kind: 'attributes', node: node.id });
    return this.#fileEntryOf(node, path);
  }

  async makeDirectory(path: string, options: CallOptions = {}): Promise<void> {
    assertCanonical(path, 'makeDirectory', this.name);
    options.signal?.throwIfAborted();
    if (path === '/') return;
    const directory = await this.#paths.makeParent(path, 'makeDirectory');
    const { cacheTree, usual } = this.#parts;
    const standing = await cacheTree.lookup(directory.id, nameOf(path));
    if (standing?.kind === 'file') throw this.#error('AlreadyExists', 'makeDirectory', path);
    if (standing === undefined) await cacheTree.makeDirectory(directory.id, nameOf(path), directoryOf(usual));
  }

  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    assertCanonical(path, 'delete', this.name);
    options.signal?.throwIfAborted();
    if (path === '/') throw this.#error('InvalidPath', 'delete', path);
    const node = await orAbort(this.#paths.find(path), options.signal);
    if (node === undefined) return;
    this.#assertRevision('delete', path, node, options.ifRevision);
    const below = node.kind === 'directory' ? await this.#below(node, path, options) : [];
    if (below.length > 0 && !options.recursive) throw this.#error('NotEmpty', 'delete', path);
    this.#parts.tree.transaction(() => {
      for (const child of [...below.toReversed(), node])
        if (child.parent !== null) this.#parts.cacheTree.discard(child);
    });
  }

  /** Everything below a directory, parents first. */
  async #below(directory: Node, path: string, options: CallOptions): Promise<Node[]> {
    const nodes: Node[] = [];
    for await (const entry of this.#listNode(directory, path, { ...options, recursive: true })) {
      const node = entry.id === undefined ? undefined : this.#parts.tree.find(Number(entry.id));
      if (node !== undefined) nodes.push(node);
    }
    return nodes;
  }

  deleteAll(entries: readonly KnownEntry[], options: CallOptions = {}): Promise<string[]> {
    return deleteEach(this, entries, options);
  }

  async copy(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    const source = await this.#prepareTransfer('copy', from, to, options);
    if (source === undefined) return;
    const nodes = source.kind === 'directory' ? await this.#below(source, from, options) : [];
    for (const node of [source, ...nodes])
      if (node.kind === 'file') await orAbort(this.#parts.fetcher.complete(node), options.signal);
    await this.#copyNode(source, to, options);
    const paths = new Map([[source.id, to]]);
    for (const node of nodes) {
      const target = childOf(paths.get(node.parent as number) ?? to, node.name);
      paths.set(node.id, target);
      await this.#copyNode(node, target, options);
    }
  }

  async #copyNode(node: Node, to: string, { signal }: CallOptions): Promise<void> {
    if (node.kind === 'directory') return this.makeDirectory(to);
    const content = await this.#writer.duplicate(node, signal);
    try {
      const metadata = await this.#parts.metadata.complete(node, { signal });
      const directory = await this.#paths.makeParent(to, 'copy');
      const standing = this.#parts.tree.children(directory).get(nameOf(to));
      this.#assertReplaceable('copy', to, standing, undefined);
      const { modified } = node;
      const place = { directory, name: nameOf(to), standing };
      this.#writer.put(content, place, { modified, metadata });
    } catch (error) {
      this.#writer.discard(content);
      throw error;
    }
  }

  async move(from: string, to: string, options: TransferOptions = {}): Promise<void> {
    const source = await this.#prepareTransfer('move', from, to, options);
    if (source === undefined) return;
    const directory = await this.#paths.makeParent(to, 'move');
    await this.#parts.cacheTree.rename(source.parent as number, source.name, directory.id, nameOf(to), {});
  }

  /** Checks the rules of both; undefined when there is nothing to do. */
  async #prepareTransfer(
    operation: 'copy' | 'move',
    from: string,
    to: string,
    options: TransferOptions,
  ): Promise<Node | undefined> {
    assertCanonical(from, operation, this.name);
    assertCanonical(to, operation, this.name);
    const source = await this.#find(operation, from, options);
    const target = await orAbort(this.#paths.find(to), options.signal);
    if (!assertTransfer({ operation, store: this.name, from, to }, source.kind, target?.kind)) return undefined;
    this.#assertReplaceable(operation, to, target, options.ifRevision);
    return source;
  }

  async usage(options: CallOptions = {}): Promise<Usage> {
    return orAbort(this.#parts.cacheTree.usage(), options.signal);
  }

  changes(): Promise<Changes> {
    return noChanges(this.name);
  }

  abstract close(): Promise<void>;

  async #find(operation: string, path: string, options: CallOptions): Promise<Node> {
    assertCanonical(path, operation, this.name);
    let node = await orAbort(this.#paths.find(path), options.signal);
    if (node !== undefined && node.parent !== null && isUnsure(node)) {
      await orAbort(this.#parts.cacheTree.makeSure(node.parent), options.signal);
      node = await orAbort(this.#paths.find(path), options.signal);
    }
    if (node === undefined) throw this.#error('NotFound', operation, path);
    return node;
  }

  #assertReplaceable(
    operation: string,
    path: string,
    standing: Node | undefined,
    ifRevision: string | null | undefined,
  ): void {
    if (standing?.kind === 'directory') throw this.#error('IsADirectory', operation, path);
    if (ifRevision === undefined) return;
    if (ifRevision === null && standing !== undefined) throw this.#error('Conflict', operation, path, 'it exists');
    if (ifRevision !== null) this.#assertRevision(operation, path, standing, ifRevision);
  }

  #assertRevision(operation: string, path: string, node: Node | undefined, ifRevision: string | undefined): void {
    if (ifRevision === undefined || (node?.kind === 'file' && revisionOf(node) === ifRevision)) return;
    throw this.#error('Conflict', operation, path, 'its revision is another');
  }

  #entryOf(node: Node, path: string): Entry {
    if (node.kind === 'file') return this.#fileEntryOf(node, path);
    return { kind: 'directory', path, modified: node.modified, id: String(node.id) };
  }

  #fileEntryOf(node: Node, path: string): FileEntry {
    const metadata = this.#parts.metadata.of(node);
    const told = { path, size: node.size, modified: node.modified, revision: revisionOf(node), id: String(node.id) };
    return { kind: 'file', ...told, ...(metadata && { metadata }) };
  }

  #error(
    code: ConstructorParameters<typeof StoreError>[0],
    operation: string,
    path: string,
    message?: string,
  ): StoreError {
    return new StoreError(code, { operation, path, store: this.name, message });
  }
}

function directoryOf({ directoryMode: mode, uid, gid }: UsualAttributes): Ownership {
  return { mode, uid, gid };
}

/** Changes with every byte, here or at the store; stays when a file is sent or renamed. */
function revisionOf(node: Node): string {
  return `${node.id}.${node.contentVersion}`;
}

/** The answer, or the signal's reason as soon as it is aborted. */
function orAbort<T>(answer: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return untilAborted(Promise.resolve(answer), signal);
}

/** Whether a file may be an empty directory, as far as is known. */
function isUnsure({ synced, contentDirty }: Node): boolean {
  return synced?.unsure === true && !contentDirty;
}
