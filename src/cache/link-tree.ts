import { StoreError } from '../store/errors.ts';
import type { Usage } from '../store/store.ts';
import type { CacheTree } from './cache-tree.ts';
import { linkSuffix, maxTargetBytes } from './link-names.ts';
import { mapAnswer } from './map-answer.ts';
import type { Node } from './node.ts';
import type {
  Answer,
  AttributePatch,
  NodeState,
  NewFile,
  NodeListing,
  NodeTree,
  OpenFile,
  Ownership,
  RenameMode,
  TreeChange,
  Waiter,
  TreeNode,
} from './node-tree.ts';
import type { Tree } from './tree.ts';

/**
 * The cache's tree as a mount shows it: a symbolic link has its own name, without the suffix that it has at the store. At most
 * one node is shown under a name, because a link beside a file of its own name is none (`Tree` sees to it), and the name that a
 * link has at the store is taken for everybody else.
 */
export class LinkTree implements NodeTree {
  readonly #stored: CacheTree;
  readonly #tree: Tree;

  constructor(stored: CacheTree, tree: Tree) {
    this.#stored = stored;
    this.#tree = tree;
  }

  get root(): number {
    return this.#stored.root;
  }

  get(id: number): TreeNode {
    return this.#stored.get(id);
  }

  keep(id: number): () => void {
    return this.#stored.keep(id);
  }

  lookup(directory: number, name: string): Answer<Node | undefined> {
    return mapAnswer(this.#stored.lookup(directory, name), (found) => {
      if (found !== undefined) return found.link ? undefined : found;
      return mapAnswer(this.#stored.lookup(directory, name + linkSuffix), (other) => (other?.link ? other : undefined));
    });
  }

  list(directory: number): Answer<readonly TreeNode[]> {
    return this.#stored.list(directory);
  }

  readDirectory(directory: number): Answer<NodeListing> {
    return this.#stored.readDirectory(directory);
  }

  freshFor(directory: number): number {
    return this.#stored.freshFor(directory);
  }

  createFile(directory: number, name: string, attributes: NewFile): Answer<TreeNode> {
    return this.#whereFree(directory, name, () => this.#stored.createFile(directory, name, attributes));
  }

  makeDirectory(directory: number, name: string, attributes: Ownership): Answer<TreeNode> {
    return this.#whereFree(directory, name, () => this.#stored.makeDirectory(directory, name, attributes));
  }

  makeLink(directory: number, name: string, target: string, attributes: Ownership): Answer<TreeNode> {
    const storedName = name + linkSuffix;
    return mapAnswer(this.#stored.lookup(directory, name), (standing) => {
      if (standing !== undefined) throw this.#taken(directory, name);
      return this.#whereFree(directory, storedName, () =>
        this.#stored.makeLink(directory, storedName, target, attributes),
      );
    });
  }

  readLink(id: number): Answer<string> {
    return mapAnswer(this.#stored.open(id, { write: false }), (file) => {
      const into = new Uint8Array(maxTargetBytes + 1);
      const fetched = readOrRelease(file, into);
      if (fetched instanceof Promise) return fetched.then(targetOf).finally(() => file.release());
      file.release();
      return targetOf(into.subarray(0, fetched));
    });
  }

  remove(directory: number, name: string, kind: 'file' | 'directory'): Answer<void> {
    return mapAnswer(this.lookup(directory, name), (node) => {
      if (node === undefined) throw this.#missing(directory, name);
      return this.#stored.remove(directory, node.name, kind);
    });
  }

  rename(directory: number, name: string, newDirectory: number, newName: string, mode: RenameMode): Answer<void> {
    return mapAnswer(this.lookup(directory, name), (node) =>
      mapAnswer(this.lookup(newDirectory, newName), (standing) => {
        if (node === undefined) throw this.#missing(directory, name);
        const place = {
          directory: this.#tree.directory(newDirectory),
          name: storedNameOf(newName, node),
          standing,
          nameOfStanding: standing === undefined ? undefined : storedNameOf(name, standing),
        };
        return this.#stored.move(node, place, mode);
      }),
    );
  }

  setAttributes(id: number, changes: AttributePatch): void {
    this.#stored.setAttributes(id, changes);
  }

  setAttribute(id: number, name: string, value: Uint8Array | undefined): void {
    this.#stored.setAttribute(id, name, value);
  }

  truncate(id: number, size: number): Answer<void> {
    return this.#stored.truncate(id, size);
  }

  open(id: number, mode: { readonly write: boolean; readonly truncate?: boolean }): Answer<OpenFile> {
    return this.#stored.open(id, mode);
  }

  withTrialFile<T>(work: (descriptor: number) => T): T {
    return this.#stored.withTrialFile(work);
  }

  bytesOnDisk(id: number): number | undefined {
    return this.#stored.bytesOnDisk(id);
  }

  stateOf(id: number): NodeState {
    return this.#stored.stateOf(id);
  }

  sync(directory: number, waiter?: Waiter): Promise<void> {
    return this.#stored.sync(directory, waiter);
  }

  usage(): Answer<Usage> {
    return this.#stored.usage();
  }

  onChange(listener: (change: TreeChange) => void): () => void {
    return this.#stored.onChange(listener);
  }

  /** Makes what the store is to have as `name`, unless a link is shown there. */
  #whereFree(directory: number, name: string, make: () => Answer<TreeNode>): Answer<TreeNode> {
    return mapAnswer(this.#stored.lookup(directory, name + linkSuffix), (link) => {
      if (link?.link === true) throw this.#taken(directory, name);
      return make();
    });
  }

  #taken(directory: number, name: string): StoreError {
    return this.#stored.error('AlreadyExists', this.#tree.directory(directory), name);
  }

  #missing(directory: number, name: string): StoreError {
    return this.#stored.error('NotFound', this.#tree.directory(directory), name);
  }
}

/** The name at the store of a node that is shown as `name`. */
function storedNameOf(name: string, { link }: Node): string {
  return link ? name + linkSuffix : name;
}

/** As `OpenFile.read`; a failure at once ends the use of the file. */
function readOrRelease(file: OpenFile, into: Uint8Array): number | Promise<Uint8Array> {
  try {
    return file.read(0, into);
  } catch (error) {
    file.release();
    throw error;
  }
}

function targetOf(bytes: Uint8Array): string {
  const target = Buffer.from(bytes).toString();
  const isSound =
    bytes.length > 0 &&
    bytes.length <= maxTargetBytes &&
    !bytes.includes(0) &&
    Buffer.compare(Buffer.from(target), bytes) === 0;
  if (!isSound) throw new StoreError('Corrupt', { operation: 'read', message: 'not the target of a symbolic link' });
  return target;
}
