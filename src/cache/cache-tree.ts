import { StoreError } from '../store/errors.ts';
import { maxNameBytes } from '../store/path.ts';
import type { Store, Usage } from '../store/store.ts';
import { isLive, stateOf } from './changes.ts';
import type { Node } from './node.ts';
import { rootNode } from './node.ts';
import type {
  Answer,
  AttributePatch,
  NodeState,
  NodeTree,
  OpenFile,
  Ownership,
  RenameMode,
  TreeChange,
  TreeNode,
} from './node-tree.ts';
import { type ContentAccess, OpenContent, truncateNode } from './open-content.ts';
import type { RemoteListing } from './remote-listing.ts';
import type { Tree } from './tree.ts';

/** What a `CacheTree` is made of. */
export interface CacheTreeParts extends ContentAccess {
  readonly listing: RemoteListing;
  readonly store: Store;
  readonly metadataTime: number;
  /** Counts an open for reading that found everything here, or did not. */
  readonly onOpen: (hit: boolean) => void;
}

/** The `NodeTree` of a write-back cache: local changes, made at once wherever the directory is known. */
export class CacheTree implements NodeTree {
  readonly root: number = rootNode;
  readonly #parts: CacheTreeParts;
  readonly #tree: Tree;
  readonly #listeners = new Set<(change: TreeChange) => void>();
  #usage: { readonly usage: Usage; readonly at: number } | undefined;
  #asking: Promise<Usage> | undefined;

  constructor(parts: CacheTreeParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
  }

  get(id: number): TreeNode {
    return this.#tree.node(id);
  }

  lookup(directory: number, name: string): Answer<TreeNode | undefined> {
    return this.#known(directory, (at) => this.#tree.children(at).get(name));
  }

  list(directory: number): Answer<readonly TreeNode[]> {
    return this.#known(directory, (at) => [...this.#tree.children(at).values()]);
  }

  freshFor(directory: number): number {
    return Math.max(1, this.#parts.listing.freshFor(this.#tree.directory(directory)));
  }

  createFile(directory: number, name: string, attributes: Ownership): Answer<TreeNode> {
    return this.#create(directory, name, 'file', attributes);
  }

  makeDirectory(directory: number, name: string, attributes: Ownership): Answer<TreeNode> {
    return this.#create(directory, name, 'directory', attributes);
  }

  #create(directory: number, name: string, kind: 'file' | 'directory', attributes: Ownership): Answer<TreeNode> {
    assertName(name);
    return this.#known(directory, (at) => {
      if (!isLive(at))
        throw new StoreError('NotFound', { path: this.#tree.pathOf(at), message: 'the directory was removed' });
      if (this.#tree.children(at).has(name)) throw this.#error('AlreadyExists', at, name);
      return this.#tree.add(at, name, kind, (node) => {
        node.modified = node.changed = Date.now();
        node.mode = attributes.mode;
        node.uid = attributes.uid;
        node.gid = attributes.gid;
        if (kind === 'directory') return;
        node.contentDirty = true;
        node.writing = true;
      });
    });
  }

  remove(directory: number, name: string, kind: 'file' | 'directory'): Answer<void> {
    return this.#known(directory, (at) => {
      const node = this.#tree.children(at).get(name);
      if (node === undefined) throw this.#error('NotFound', at, name);
      if (kind === 'file' && node.kind === 'directory') throw this.#error('IsADirectory', at, name);
      if (kind === 'directory' && node.kind === 'file') throw this.#error('NotADirectory', at, name);
      if (node.kind === 'file') return this.discard(node);
      return this.#known(node.id, () => {
        if (this.#tree.children(node).size > 0) throw this.#error('NotEmpty', at, name);
        this.discard(node);
      });
    });
  }

  /** Takes a node out of the tree. The content of a file that is open stays until it is closed. */
  discard(node: Node): void {
    node.cancelUpload?.();
    node.changed = Date.now();
    this.#tree.detach(node);
    if (node.content !== 0) this.#parts.holder.settle(node);
  }

  rename(directory: number, name: string, newDirectory: number, newName: string, mode: RenameMode): Answer<void> {
    assertName(newName);
    return this.#known(directory, (from) =>
      this.#known(newDirectory, (to) => {
        const node = this.#tree.children(from).get(name);
        if (node === undefined) throw this.#error('NotFound', from, name);
        const standing = this.#tree.children(to).get(newName);
        if (mode.noReplace && standing !== undefined) throw this.#error('AlreadyExists', to, newName);
        if (this.#tree.isWithin(to, node)) throw this.#error('InvalidPath', to, newName);
        if (mode.exchange) return this.#exchange(node, standing, to, newName);
        if (standing === node) return undefined;
        return standing === undefined ? this.#place(node, to, newName) : this.#replace(node, standing, to);
      }),
    );
  }

  #place(node: Node, directory: Node, name: string): void {
    node.changed = Date.now();
    this.#tree.relocate(node, directory, name);
  }

  #replace(node: Node, standing: Node, directory: Node): Answer<void> {
    const { name } = standing;
    if (standing.kind === 'directory' && node.kind === 'file') throw this.#error('IsADirectory', directory, name);
    if (standing.kind === 'file' && node.kind === 'directory') throw this.#error('NotADirectory', directory, name);
    const swap = (): void =>
      this.#tree.transaction(() => {
        this.discard(standing);
        this.#place(node, directory, name);
      });
    if (standing.kind === 'file') return swap();
    return this.#known(standing.id, () => {
      if (this.#tree.children(standing).size > 0) throw this.#error('NotEmpty', directory, name);
      swap();
    });
  }

  #exchange(node: Node, standing: Node | undefined, directory: Node, newName: string): void {
    if (standing === undefined) throw this.#error('NotFound', directory, newName);
    if (standing === node) return;
    const from = this.#tree.node(node.parent as number);
    if (this.#tree.isWithin(from, standing)) throw this.#error('InvalidPath', from, node.name);
    this.#tree.transaction(() => {
      const { name } = node;
      const aside = `${name}\0`;
      this.#tree.relocate(standing, directory, aside);
      this.#place(node, directory, newName);
      this.#place(standing, from, name);
    });
  }

  setAttributes(id: number, changes: AttributePatch): void {
    const node = this.#tree.node(id);
    node.mode = changes.mode ?? node.mode;
    node.uid = changes.uid ?? node.uid;
    node.gid = changes.gid ?? node.gid;
    node.modified = changes.modified ?? node.modified;
    node.changed = Date.now();
    if (node.kind === 'directory' || isLive(node)) this.#tree.save(node);
  }

  truncate(id: number, size: number): Answer<void> {
    const node = this.#file(id);
    if (size > this.#parts.maxFileSize)
      throw new StoreError('TooLarge', { operation: 'truncate', path: this.#tree.pathOf(node) });
    if (size === node.size) return undefined;
    return truncateNode(node, size, this.#parts);
  }

  open(id: number, mode: { readonly write: boolean; readonly truncate?: boolean }): Answer<OpenFile> {
    const node = this.#file(id);
    const make = (): OpenFile => new OpenContent(node, this.#parts);
    if (!mode.write) this.#parts.onOpen(node.size === 0 || (node.content !== 0 && node.present === null));
    if (!mode.truncate || node.size === 0) return make();
    const cut = truncateNode(node, 0, this.#parts);
    return cut === undefined ? make() : cut.then(make);
  }

  stateOf(id: number): NodeState {
    return stateOf(this.#tree.node(id));
  }

  sync(): Promise<void> {
    return this.#tree.makeDurable();
  }

  usage(): Answer<Usage> {
    const known = this.#usage;
    if (known !== undefined && Date.now() - known.at < this.#parts.metadataTime) return known.usage;
    this.#asking ??= this.#askUsage().finally(() => (this.#asking = undefined));
    return known?.usage ?? this.#asking;
  }

  /** Figures are a comfort: where the store cannot tell them now, the last ones (or none) are the answer. */
  async #askUsage(): Promise<Usage> {
    try {
      this.#usage = { usage: await this.#parts.store.usage(), at: Date.now() };
    } catch {
      this.#usage = { usage: this.#usage?.usage ?? {}, at: Date.now() };
    }
    return this.#usage.usage;
  }

  onChange(listener: (change: TreeChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells all listeners. */
  announce(change: TreeChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** Runs `work` on a directory whose names are known: at once where they are, else after asking the store. */
  #known<T>(id: number, work: (directory: Node) => Answer<T>): Answer<T> {
    const directory = this.#tree.directory(id);
    const { listing } = this.#parts;
    if (listing.isFresh(directory)) return this.#loaded(directory, work);
    return listing.refresh(directory).then(() => this.#loaded(directory, work));
  }

  #loaded<T>(directory: Node, work: (directory: Node) => Answer<T>): Answer<T> {
    const loading = this.#tree.load(directory);
    return loading === undefined ? work(directory) : loading.then(() => work(directory));
  }

  #file(id: number): Node {
    const node = this.#tree.node(id);
    if (node.kind === 'directory') throw new StoreError('IsADirectory', { path: this.#tree.pathOf(node) });
    return node;
  }

  #error(
    code: 'NotFound' | 'AlreadyExists' | 'IsADirectory' | 'NotADirectory' | 'NotEmpty' | 'InvalidPath',
    directory: Node,
    name: string,
  ): StoreError {
    const above = this.#tree.pathOf(directory);
    return new StoreError(code, { path: above === '/' ? `/${name}` : `${above}/${name}` });
  }
}

function assertName(name: string): void {
  const flaw =
    name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0') || !name.isWellFormed()
      ? 'no name of a file'
      : Buffer.byteLength(name) > maxNameBytes
        ? `longer than ${maxNameBytes} bytes`
        : undefined;
  if (flaw !== undefined) throw new StoreError('InvalidPath', { path: name, message: flaw });
}
