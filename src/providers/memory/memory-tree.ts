import { childOf, parentOf, segmentsOf } from '../../store/path.ts';
import type { Entry, Metadata } from '../../store/store.ts';

/** A file or directory in memory. Its path is where it hangs, so moving a directory touches one node. */
export type MemoryNode = MemoryFile | MemoryDirectory;

/** A file: replaced by a new one when it is written, never changed. */
export interface MemoryFile {
  readonly kind: 'file';
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly modified: number;
  readonly revision: string;
  readonly metadata: Metadata;
}

/** A directory, with what hangs in it. */
export interface MemoryDirectory {
  readonly kind: 'directory';
  readonly id: string;
  readonly modified: number;
  /** By the name, or the name in lower case where case does not count; as it was given it stands beside the node. */
  readonly children: Map<string, { readonly name: string; readonly node: MemoryNode }>;
}

/** The tree: every method is synchronous, so whatever is done between two awaits is atomic. */
export class MemoryTree {
  readonly #caseSensitive: boolean;
  #lastNumber = 0;
  readonly root: MemoryDirectory = this.newDirectory();

  constructor(caseSensitive: boolean) {
    this.#caseSensitive = caseSensitive;
  }

  newDirectory(): MemoryDirectory {
    return { kind: 'directory', id: this.#nextNumber(), modified: Date.now(), children: new Map() };
  }

  /** A file with a number and a revision of its own; a given `id` is kept. */
  newFile({ bytes, modified, metadata }: Pick<MemoryFile, 'bytes' | 'modified' | 'metadata'>, id?: string): MemoryFile {
    const revision = `r${this.#nextNumber()}`;
    return { kind: 'file', id: id ?? this.#nextNumber(), bytes, modified, revision, metadata };
  }

  /** A copy with new ids and revisions, all the way down. The bytes are shared, because nobody changes them. */
  duplicate(node: MemoryNode): MemoryNode {
    if (node.kind === 'file') return this.newFile(node);
    const copy = this.newDirectory();
    for (const [key, { name, node: child }] of node.children)
      copy.children.set(key, { name, node: this.duplicate(child) });
    return copy;
  }

  find(path: string): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.root;
    for (const name of segmentsOf(path)) {
      if (node?.kind !== 'directory') return undefined;
      node = node.children.get(this.#key(name))?.node;
    }
    return node;
  }

  /** Whether the directory `node` stands at `path` or above it, in whatever case `path` is written. */
  holds(node: MemoryNode, path: string): boolean {
    if (node.kind === 'file') return false;
    return this.find(path) === node || (path !== '/' && this.holds(node, parentOf(path)));
  }

  /** The directory at `path`, made with its parents where it is missing; undefined where a file is in the way. */
  ensureDirectory(path: string): MemoryDirectory | undefined {
    let directory = this.root;
    for (const name of segmentsOf(path)) {
      let next = directory.children.get(this.#key(name))?.node;
      if (next === undefined) {
        next = this.newDirectory();
        this.put(directory, name, next);
      }
      if (next.kind === 'file') return undefined;
      directory = next;
    }
    return directory;
  }

  put(directory: MemoryDirectory, name: string, node: MemoryNode): void {
    directory.children.set(this.#key(name), { name, node });
  }

  remove(directory: MemoryDirectory, name: string): void {
    directory.children.delete(this.#key(name));
  }

  /** Bytes in all files below a node. */
  size(node: MemoryNode = this.root): number {
    if (node.kind === 'file') return node.bytes.length;
    return node.children.values().reduce((sum, child) => sum + this.size(child.node), 0);
  }

  #key(name: string): string {
    return this.#caseSensitive ? name : name.toLowerCase();
  }

  #nextNumber(): string {
    return String(++this.#lastNumber);
  }
}

/** What lies below a directory at this moment, parents before children. */
export function* entriesBelow(
  directory: MemoryDirectory,
  path: string,
  recursive: boolean,
  entryOf: (node: MemoryNode, path: string) => Entry,
): Generator<Entry> {
  for (const { name, node } of directory.children.values()) {
    const childPath = childOf(path, name);
    yield entryOf(node, childPath);
    if (recursive && node.kind === 'directory') yield* entriesBelow(node, childPath, true, entryOf);
  }
}
