import type {
  Answer,
  AttributePatch,
  NodeListing,
  NodeState,
  NodeTree,
  OpenFile,
  Ownership,
  RenameMode,
  TreeChange,
  TreeNode,
} from '../../src/cache/node-tree.ts';
import { mapAnswer } from '../../src/cache/map-answer.ts';
import type { Usage } from '../../src/store/store.ts';
import { fail, listingOf, type MemoryNode, resize } from './memory-node.ts';

/** What stands for the descriptor of the file of `withTrialFile`; the content of node N is at N. */
export const trialDescriptor = 1000;

/** A node tree in memory, with no store behind it, for tests of what stands above a tree. */
export class MemoryNodeTree implements NodeTree {
  readonly root: number = 16;
  /** Whether answers come later, as from a service. */
  readonly slow: boolean;
  /** Thrown by the next calls that may ask a service, until it is undefined again. */
  failure: unknown;
  figures: Usage = {};
  fresh = 2000;
  /** Whether files cannot be opened directly, had better not be written directly, or have stale pages. */
  indirect = false;
  limited = false;
  stalePages = false;
  readonly states: Map<number, NodeState> = new Map<number, NodeState>();
  readonly nodes: Map<number, MemoryNode> = new Map<number, MemoryNode>();
  readonly listeners: Set<(change: TreeChange) => void> = new Set<(change: TreeChange) => void>();
  /** Names of the calls that were made on open files. */
  readonly calls: string[] = [];
  #next = 16;

  constructor(options: { readonly slow?: boolean } = {}) {
    this.slow = options.slow ?? false;
    this.#make(null, '', 'directory', { mode: 0o755, uid: 0, gid: 0 });
  }

  get opened(): number {
    return [...this.nodes.values()].reduce((sum, node) => sum + node.opens, 0);
  }

  tell(change: TreeChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** The node at a path such as `/a/b`. */
  at(path: string): MemoryNode {
    let node = this.#known(this.root);
    for (const name of path.split('/').filter((part) => part !== '')) {
      const child = this.#child(node.id, name);
      if (child === undefined) throw new Error(`nothing at ${path}`);
      node = child;
    }
    return node;
  }

  get(id: number): TreeNode {
    return this.#known(id);
  }

  keep(id: number): () => void {
    const node = this.#known(id);
    node.opens += 1;
    return () => this.#letGo(node);
  }

  lookup(directory: number, name: string): Answer<TreeNode | undefined> {
    return this.#answer(() => {
      this.#directory(directory);
      return this.#child(directory, name);
    });
  }

  list(directory: number): Answer<readonly TreeNode[]> {
    return this.#answer(() => {
      this.#directory(directory);
      return this.#children(directory);
    });
  }

  readDirectory(directory: number): Answer<NodeListing> {
    return mapAnswer(this.list(directory), (nodes) => listingOf(directory, nodes));
  }

  freshFor(): number {
    return this.fresh;
  }

  createFile(directory: number, name: string, attributes: Ownership): Answer<TreeNode> {
    return this.#answer(() => this.#add(directory, name, 'file', attributes));
  }

  makeDirectory(directory: number, name: string, attributes: Ownership): Answer<TreeNode> {
    return this.#answer(() => this.#add(directory, name, 'directory', attributes));
  }

  makeLink(directory: number, name: string, target: string, attributes: Ownership): Answer<TreeNode> {
    return this.#answer(() => {
      const node = this.#add(directory, name, 'file', attributes);
      node.link = true;
      node.content = Buffer.from(target);
      node.size = node.content.length;
      return node;
    });
  }

  readLink(id: number): Answer<string> {
    return this.#answer(() => Buffer.from(this.#known(id).content).toString());
  }

  remove(directory: number, name: string, kind: 'file' | 'directory'): Answer<void> {
    return this.#answer(() => {
      const node = this.#child(directory, name) ?? fail('NotFound');
      this.#assertReplaceable(node, kind);
      this.#detach(node);
    });
  }

  rename(directory: number, name: string, newDirectory: number, newName: string, mode: RenameMode): Answer<void> {
    return this.#answer(() => {
      const node = this.#child(directory, name) ?? fail('NotFound');
      const target = this.#child(newDirectory, newName);
      if (this.#isBelow(newDirectory, node.id)) fail('InvalidPath');
      if (mode.exchange === true) Object.assign(target ?? fail('NotFound'), { parent: directory, shownName: name });
      else if (target !== undefined && target !== node) {
        if (mode.noReplace === true) fail('AlreadyExists');
        this.#assertReplaceable(target, node.kind);
        this.#detach(target);
      }
      Object.assign(node, { parent: newDirectory, shownName: newName });
    });
  }

  setAttributes(id: number, changes: AttributePatch): void {
    const node = this.#known(id);
    for (const [key, value] of Object.entries(changes)) if (value !== undefined) Object.assign(node, { [key]: value });
  }

  setAttribute(id: number, name: string, value: Uint8Array | undefined): void {
    const node = this.#known(id);
    const changed = new Map(node.attributes ?? []);
    if (value === undefined) changed.delete(name);
    else changed.set(name, new Uint8Array(value));
    node.attributes = changed;
  }

  truncate(id: number, size: number): Answer<void> {
    return this.#answer(() => resize(this.#known(id), size));
  }

  open(id: number, mode: { readonly write: boolean; readonly truncate?: boolean }): Answer<OpenFile> {
    return this.#answer(() => {
      const node = this.#known(id);
      this.calls.push(mode.write ? 'open to write' : 'open to read');
      if (mode.truncate === true) resize(node, 0);
      node.opens += 1;
      return this.#openFile(node);
    });
  }

  withTrialFile<T>(work: (descriptor: number) => T): T {
    return work(trialDescriptor);
  }

  bytesOnDisk(): undefined {}

  stateOf(id: number): NodeState {
    return this.states.get(id) ?? 'clean';
  }

  async sync(): Promise<void> {
    this.calls.push('sync the tree');
  }

  usage(): Answer<Usage> {
    return this.#answer(() => this.figures);
  }

  onChange(listener: (change: TreeChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #answer<T>(run: () => T): Answer<T> {
    const checked = (): T => {
      if (this.failure !== undefined) throw this.failure;
      return run();
    };
    return this.slow ? new Promise((resolve) => setImmediate(resolve)).then(checked) : checked();
  }

  #openFile(node: MemoryNode): OpenFile {
    return {
      node,
      read: (offset, into) => {
        const part = node.content.subarray(offset, offset + into.length);
        if (this.failure !== undefined) throw this.failure;
        if (this.slow) return Promise.resolve(part.slice());
        into.set(part);
        return part.length;
      },
      write: (offset, data) => {
        const copy = new Uint8Array(data);
        return this.#answer(() => {
          resize(node, Math.max(node.size, offset + copy.length));
          node.content.set(copy, offset);
          return copy.length;
        });
      },
      allocate: (offset, length, keepSize) => {
        this.calls.push(`allocate ${keepSize}`);
        if (!keepSize) resize(node, Math.max(node.size, offset + length));
      },
      clear: (offset, length, keepSize) => void this.calls.push(`clear ${offset} ${length} ${keepSize}`),
      seek: (offset, whence) => (offset >= node.size ? undefined : whence === 'data' ? offset : node.size),
      flush: () => this.#answer(() => void this.calls.push('flush')),
      openDirectly: (isShared) => {
        if (this.indirect || this.slow) return undefined;
        this.calls.push(`open directly${isShared ? ', shared' : ''}`);
        return { descriptor: node.id, isLimited: this.limited };
      },
      closeDirectly: () => void this.calls.push('close directly'),
      takeStalePages: () => this.stalePages,
      isDirect: false,
      sync: async () => void this.calls.push('sync'),
      release: () => {
        this.#letGo(node);
      },
    };
  }

  #letGo(node: MemoryNode): void {
    node.opens -= 1;
    if (node.opens === 0 && node.parent === null) this.nodes.delete(node.id);
  }

  #known(id: number): MemoryNode {
    return this.nodes.get(id) ?? fail('NotFound');
  }

  #directory(id: number): void {
    if (this.#known(id).kind !== 'directory') fail('NotADirectory');
  }

  #children(directory: number): MemoryNode[] {
    return [...this.nodes.values()].filter(({ parent }) => parent === directory);
  }

  #child(directory: number, name: string): MemoryNode | undefined {
    return this.#children(directory).find((node) => node.shownName === name);
  }

  #add(directory: number, name: string, kind: 'file' | 'directory', attributes: Ownership): MemoryNode {
    this.#directory(directory);
    if (directory !== this.root && this.#known(directory).parent === null) fail('NotFound');
    if (name.includes('\uFFFD')) fail('InvalidPath');
    if (this.#child(directory, name) !== undefined) fail('AlreadyExists');
    return this.#make(directory, name, kind, attributes);
  }

  #make(parent: number | null, name: string, kind: 'file' | 'directory', attributes: Ownership): MemoryNode {
    const times = { modified: Date.now(), changed: Date.now(), readAt: Date.now() };
    const kept = { link: false, attributes: null, size: 0, ...times, ...attributes };
    const node = { id: this.#next, kind, parent, shownName: name, ...kept };
    this.#next += 1;
    const made: MemoryNode = { ...node, content: new Uint8Array(), opens: 0, isRestless: false };
    this.nodes.set(made.id, made);
    return made;
  }

  #assertReplaceable(node: MemoryNode, kind: 'file' | 'directory'): void {
    if (node.kind === 'directory' && kind === 'file') fail('IsADirectory');
    if (node.kind === 'file' && kind === 'directory') fail('NotADirectory');
    if (this.#children(node.id).length > 0) fail('NotEmpty');
  }

  #detach(node: MemoryNode): void {
    node.parent = null;
    if (node.opens === 0) this.nodes.delete(node.id);
  }

  #isBelow(id: number, ancestor: number): boolean {
    for (let at: number | null = id; at !== null; at = this.#known(at).parent) if (at === ancestor) return true;
    return false;
  }
}
