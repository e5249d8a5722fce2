import { StoreError } from '../store/errors.ts';
import type { Store, Usage } from '../store/store.ts';
import { AccountFigures } from './account-figures.ts';
import { isLive, stateOf } from './changes.ts';
import { DirectoryReading } from './directory-reading.ts';
import type { GrowingListing } from './growing-listing.ts';
import { mapAnswer } from './map-answer.ts';
import type { NodeAttributes } from './node-attributes.ts';
import { type Node, rootNode } from './node.ts';
import type {
  Answer,
  AttributePatch,
  NewFile,
  NodeListing,
  NodeState,
  OpenFile,
  Ownership,
  RenameMode,
  TreeChange,
  Waiter,
} from './node-tree.ts';
import { type ContentAccess, truncateNode } from './content-change.ts';
import { OpenContent } from './open-content.ts';
import type { RemoteListing } from './remote-listing.ts';
import { maxTargetBytes } from './link-names.ts';
import { assertName } from './node-name.ts';
import type { Tree } from './tree.ts';
import { type Place, type PlaceError, TreeMoves } from './tree-moves.ts';

const dayLength = 86_400_000;

/** What a `CacheTree` is made of. */
export interface CacheTreeParts extends ContentAccess {
  readonly attributes: NodeAttributes;
  readonly listing: RemoteListing;
  readonly store: Store;
  readonly metadataTime: number;
  /** A file is opened for reading. */
  readonly onOpen: (node: Node) => void;
}

/** The tree of a write-back cache by the names that the store has: local changes, made at once wherever the directory is known. `LinkTree` shows it to a mount. */
export class CacheTree {
  readonly root: number = rootNode;
  readonly #parts: CacheTreeParts;
  readonly #tree: Tree;
  readonly #moves: TreeMoves;
  readonly #listeners = new Set<(change: TreeChange) => void>();
  readonly #figures: AccountFigures;

  constructor(parts: CacheTreeParts) {
    this.#parts = parts;
    this.#tree = parts.tree;
    this.#figures = new AccountFigures(parts.store, parts.metadataTime);
    this.#moves = new TreeMoves(parts.tree, {
      refusedNames: () => parts.store.capabilities.refusedNames,
      error: (code, directory, name) => this.error(code, directory, name),
      discard: (node) => this.discard(node),
      known: (directory, work) => this.#known(directory.id, work),
    });
  }

  get(id: number): Node {
    return this.#seen(this.#tree.node(id));
  }

  keep(id: number): () => void {
    const node = this.#tree.node(id);
    node.opens++;
    return () => {
      node.opens--;
      this.#parts.holder.settle(node);
    };
  }

  lookup(directory: number, name: string): Answer<Node | undefined> {
    const { listing } = this.#parts;
    const at = this.#tree.directory(directory);
    const find = (): Node | undefined => this.#child(at, name);
    if (listing.freshness.isFresh(at)) return this.#loaded(at, find);
    const arriving = listing.arriving(at);
    return arriving === undefined
      ? this.#known(directory, find)
      : arriving.until(() => arrivedIn(arriving, find())).then((found) => found ?? this.#loaded(at, find));
  }

  #child(directory: Node, name: string): Node | undefined {
    const node = this.#tree.children(directory).get(name);
    return node === undefined ? undefined : this.#seen(node);
  }

  readDirectory(id: number): Answer<NodeListing> {
    const directory = this.#tree.directory(id);
    const { listing } = this.#parts;
    const read = (names: GrowingListing): NodeListing =>
      new DirectoryReading(this.#tree, directory, names, (node) => this.#seen(node));
    if (listing.freshness.isFresh(directory)) return read(this.#tree.read(directory));
    const arriving = listing.arriving(directory);
    if (arriving !== undefined)
      return arriving.until(() => arriving.nodes.length > 0 || undefined).then(() => read(arriving));
    return mapAnswer(listing.refreshSoon(directory), () => read(this.#tree.read(directory)));
  }

  list(directory: number): Answer<readonly Node[]> {
    return this.#known(directory, (at) => Array.from(this.#tree.children(at).values(), (node) => this.#seen(node)));
  }

  /** Finds out of every name in a directory whether it is a file, as far as the store can tell now. */
  makeSure(directory: number): Promise<void> {
    return this.#parts.listing.refreshSurely(this.#tree.directory(directory));
  }

  /** The node, with what programs have written into its data file. */
  #seen(node: Node): Node {
    if (node.direct !== null) this.#parts.holder.direct.look(node);
    return node;
  }

  withTrialFile<T>(work: (descriptor: number) => T): T {
    return this.#parts.holder.contents.files.withTrialFile(work);
  }

  freshFor(directory: number): number {
    const { listing, metadataTime } = this.#parts;
    const at = this.#tree.directory(directory);
    return listing.isArriving(at) ? metadataTime : Math.max(1, listing.freshness.freshFor(at));
  }

  createFile(directory: number, name: string, attributes: NewFile): Answer<Node> {
    return this.#create(directory, name, 'file', attributes);
  }

  makeDirectory(directory: number, name: string, attributes: Ownership): Answer<Node> {
    return this.#create(directory, name, 'directory', attributes);
  }

  #create(directory: number, name: string, kind: 'file' | 'directory', attributes: NewFile): Answer<Node> {
    return this.#add(directory, name, kind, (node) => {
      this.#parts.attributes.begin(node, attributes);
      if (kind === 'directory') return;
      node.contentDirty = true;
      node.writing = true;
      if (attributes.direct === true) this.#parts.holder.prepare(node);
    });
  }

  /** Makes a symbolic link under the name that the store is to have for it. Throws `AlreadyExists`, and `InvalidPath` for a target of no length or more than `maxTargetBytes`. */
  makeLink(directory: number, storedName: string, target: string, attributes: Ownership): Answer<Node> {
    const bytes = Buffer.from(target);
    if (bytes.length === 0 || bytes.length > maxTargetBytes || target.includes('\0'))
      throw new StoreError('InvalidPath', { path: storedName, message: 'no target of a symbolic link' });
    return this.#add(directory, storedName, 'file', (node) => {
      this.#parts.attributes.begin(node, attributes);
      node.link = true;
      this.#parts.holder.fill(node, bytes);
    });
  }

  #add(directory: number, name: string, kind: 'file' | 'directory', fill: (node: Node) => void): Answer<Node> {
    assertName(name, this.#parts.store.capabilities.refusedNames);
    return this.#known(directory, (at) => {
      if (!isLive(at))
        throw new StoreError('NotFound', { path: this.#tree.pathOf(at), message: 'the directory was removed' });
      if (this.#tree.children(at).has(name)) throw this.error('AlreadyExists', at, name);
      return this.#tree.add(at, name, kind, fill);
    });
  }

  remove(directory: number, name: string, kind: 'file' | 'directory'): Answer<void> {
    return this.#known(directory, (at) => {
      const node = this.#tree.children(at).get(name);
      if (node === undefined) throw this.error('NotFound', at, name);
      if (kind === 'file' && node.kind === 'directory') throw this.error('IsADirectory', at, name);
      if (kind === 'directory' && node.kind === 'file') throw this.error('NotADirectory', at, name);
      if (node.kind === 'file') return this.discard(node);
      return this.#known(node.id, () => {
        if (this.#tree.children(node).size > 0) throw this.error('NotEmpty', at, name);
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

  /** Moves a node by the names that the store has; the rules are those of `NodeTree.rename`. */
  rename(directory: number, name: string, newDirectory: number, newName: string, mode: RenameMode): Answer<void> {
    return this.#known(directory, (from) =>
      this.#known(newDirectory, (to) => {
        const node = this.#tree.children(from).get(name);
        if (node === undefined) throw this.error('NotFound', from, name);
        const standing = this.#tree.children(to).get(newName);
        return this.move(node, { directory: to, name: newName, standing }, mode);
      }),
    );
  }

  /** Moves a node to a place in a directory whose names are known. */
  move(node: Node, place: Place, mode: RenameMode): Answer<void> {
    return this.#moves.move(node, place, mode);
  }

  setAttributes(id: number, changes: AttributePatch): void {
    this.#parts.attributes.change(this.#seen(this.#tree.node(id)), changes);
  }

  /** Sets an extended attribute by its full name, or takes it away. Throws `QuotaExceeded` when all together become too large. */
  setAttribute(id: number, name: string, value: Uint8Array | undefined): void {
    this.#parts.attributes.setExtended(this.#tree.node(id), name, value);
  }

  truncate(id: number, size: number): Answer<void> {
    const node = this.#file(id);
    if (size === node.size) return undefined;
    return truncateNode(node, size, this.#parts);
  }

  open(id: number, mode: { readonly write: boolean; readonly truncate?: boolean }): Answer<OpenFile> {
    const node = this.#file(id);
    const make = (): OpenFile => new OpenContent(node, mode.write, this.#parts);
    if (!mode.write) this.#noteRead(node);
    if (!mode.write) this.#parts.onOpen(node);
    return !mode.truncate || node.size === 0 ? make() : mapAnswer(truncateNode(node, 0, this.#parts), make);
  }

  /** As with `relatime` of mount(8). It is saved with the node's next commit, or when the cache is closed. */
  #noteRead(node: Node): void {
    const now = Date.now();
    if (node.readAt > Math.max(node.modified, node.changed) && now - node.readAt < dayLength) return;
    node.readAt = now;
    this.#tree.times.note(node);
  }

  bytesOnDisk(id: number): number | undefined {
    const { content, present } = this.#tree.node(id);
    return content === 0 || present !== null ? undefined : this.#parts.holder.contents.inspect(content)?.onDisk;
  }

  stateOf(id: number): NodeState {
    return stateOf(this.#seen(this.#tree.node(id)));
  }

  async sync(directory: number, waiter?: Waiter): Promise<void> {
    await this.#tree.makeDurable();
    await this.#parts.whenStored?.(this.#tree.node(directory), waiter);
  }

  usage(): Answer<Usage> {
    return this.#figures.usage();
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
    if (listing.freshness.isFresh(directory)) return this.#loaded(directory, work);
    const refreshed = listing.refreshSoon(directory);
    return refreshed === undefined
      ? this.#loaded(directory, work)
      : refreshed.then(() => this.#loaded(directory, work));
  }

  #loaded<T>(directory: Node, work: (directory: Node) => Answer<T>): Answer<T> {
    const loading = this.#tree.load(directory);
    return loading === undefined ? work(directory) : loading.then(() => work(directory));
  }

  #file(id: number): Node {
    const node = this.#tree.node(id);
    if (node.kind === 'directory') throw new StoreError('IsADirectory', { path: this.#tree.pathOf(node) });
    return this.#seen(node);
  }

  /** A failure that names the place it is about. */
  error(code: PlaceError, directory: Node, name: string): StoreError {
    const above = this.#tree.pathOf(directory);
    return new StoreError(code, { path: above === '/' ? `/${name}` : `${above}/${name}` });
  }
}

/** A node, if the service has told of it. */
function arrivedIn(arriving: GrowingListing, node: Node | undefined): Node | undefined {
  return node !== undefined && arriving.has(node) ? node : undefined;
}
