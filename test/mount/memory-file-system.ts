import { Errno } from '../../src/fuse/errno.ts';
import type {
  Answer,
  AttributeChanges,
  Attributes,
  AttributesReply,
  Connection,
  CreateReply,
  DirectoryListing,
  EntryReply,
  FileSystem,
  OpenReply,
  RenameFlags,
  Request,
} from '../../src/fuse/file-system.ts';

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

interface Node {
  readonly id: number;
  readonly children: Map<string, Node> | undefined;
  mode: number;
  data: Buffer;
  size: number;
  modified: number;
}

/**
 * A small tree in memory, to try the wire with. Names mean something: reading `slow` waits for `hurry`, reading `never`
 * (which has no page cache) ends only when it is interrupted, and everything is believed for an hour, so that only a notification makes the kernel look again.
 */
export class MemoryFileSystem implements FileSystem {
  connection: Connection | undefined;
  stopped = false;
  /** Reads of `slow` and `never` that wait, and those that were interrupted. */
  waiting = 0;
  interrupted = 0;
  #hurry: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #nodes = new Map<number, Node>();
  readonly #listings = new Map<number, [string, Node][]>();
  #next = 2;
  #handle = 1;

  constructor() {
    this.#nodes.set(1, makeNode(1, S_IFDIR | 0o777));
    for (const name of ['slow', 'never']) this.put(name, '.'.repeat(4096));
  }

  /** Makes or replaces a file in the root, behind the kernel's back. */
  put(name: string, text: string): number {
    const root = this.#node(1);
    const node = root.children?.get(name) ?? this.#add(root, name, S_IFREG | 0o666);
    node.data = Buffer.from(text);
    node.size = node.data.length;
    return node.id;
  }

  /** Takes a name out of the root, behind the kernel's back; the node it had. */
  drop(name: string): number {
    const root = this.#node(1);
    const node = root.children?.get(name);
    root.children?.delete(name);
    return node?.id ?? 0;
  }

  /** Lets the reads of `slow` go on that wait now. */
  hurry(): void {
    this.#hurry.resolve();
    this.#hurry = Promise.withResolvers<void>();
  }

  start(connection: Connection): void {
    this.connection = connection;
  }
  stop(): void {
    this.stopped = true;
  }

  lookup(parent: number, name: string): EntryReply {
    const node = this.#node(parent).children?.get(name);
    return node === undefined ? { node: 0, entryTimeout: 3600 } : entryOf(node);
  }
  forget(): void {}

  getattr(id: number): AttributesReply {
    return { attributes: attributesOf(this.#node(id)), attributeTimeout: 3600 };
  }
  setattr(id: number, changes: AttributeChanges): AttributesReply {
    const node = this.#node(id);
    if (changes.mode !== undefined) node.mode = (node.mode & 0o170000) | (changes.mode & 0o7777);
    if (changes.size !== undefined) resize(node, changes.size);
    if (typeof changes.mtime === 'number') node.modified = changes.mtime;
    return this.getattr(id);
  }

  mkdir(parent: number, name: string, mode: number): EntryReply {
    return entryOf(this.#add(this.#node(parent), name, S_IFDIR | mode));
  }
  async unlink(parent: number, name: string): Promise<void> {
    await Promise.resolve();
    if (this.#node(parent).children?.delete(name) !== true) throw Errno.of('ENOENT');
  }
  rmdir(parent: number, name: string): void {
    const children = this.#node(parent).children;
    if ((children?.get(name)?.children?.size ?? 0) > 0) throw Errno.of('ENOTEMPTY');
    children?.delete(name);
  }
  rename(parent: number, name: string, newParent: number, newName: string, flags: RenameFlags): void {
    const from = this.#node(parent).children;
    const to = this.#node(newParent).children;
    const node = from?.get(name);
    if (from === undefined || to === undefined || node === undefined) throw Errno.of('ENOENT');
    if (flags.noReplace && to.has(newName)) throw Errno.of('EEXIST');
    from.delete(name);
    to.set(newName, node);
  }

  open(id: number): OpenReply {
    const directIo = this.#nameOf(this.#node(id)) === 'never';
    return { handle: this.#handle++, keepCache: !directIo, directIo };
  }
  create(parent: number, name: string, mode: number): CreateReply {
    const node = this.#add(this.#node(parent), name, mode);
    return { entry: entryOf(node), open: { handle: this.#handle++ } };
  }
  read(id: number, _handle: number, offset: number, into: Uint8Array, request: Request): number | Promise<Uint8Array> {
    const node = this.#node(id);
    const name = this.#nameOf(node);
    const bytes = node.data.subarray(offset, Math.min(offset + into.length, node.size));
    if (name !== undefined) return this.#wait(name === 'slow' ? this.#hurry.promise : undefined, bytes, request.signal);
    into.set(bytes);
    return bytes.length;
  }
  write(id: number, _handle: number, offset: number, data: Uint8Array): number {
    const node = this.#node(id);
    resize(node, Math.max(node.size, offset + data.length));
    node.data.set(data, offset);
    node.modified = Date.now();
    return data.length;
  }
  release(): void {}
  async fsync(): Promise<void> {
    await Promise.resolve();
  }

  opendir(id: number): OpenReply {
    const handle = this.#handle++;
    this.#listings.set(handle, [...(this.#node(id).children ?? [])]);
    return { handle };
  }
  readdir(id: number, handle: number, offset: number, listing: DirectoryListing): void {
    const entries = this.#listings.get(handle) ?? [];
    if (offset < 1 && !listing.add('.', id, true, 1)) return;
    if (offset < 2 && !listing.add('..', id, true, 2)) return;
    for (let at = Math.max(0, offset - 2); at < entries.length; at++) {
      const [name, node] = entries[at] as [string, Node];
      if (!listing.add(name, node.id, node.children !== undefined, at + 3, entryOf(node))) return;
    }
  }
  releasedir(_id: number, handle: number): Answer<void> {
    this.#listings.delete(handle);
  }

  statfs(): { blockSize: number; blocks: number; blocksFree: number; files: number; filesFree: number } {
    return { blockSize: 4096, blocks: 1000, blocksFree: 500, files: 100, filesFree: 50 };
  }

  #node(id: number): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw Errno.of('ESTALE');
    return node;
  }
  #add(parent: Node, name: string, mode: number): Node {
    const node = makeNode(this.#next++, mode);
    this.#nodes.set(node.id, node);
    parent.children?.set(name, node);
    return node;
  }
  /** The bytes once `until` settles; an interruption comes first. */
  async #wait(until: Promise<void> | undefined, bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    this.waiting++;
    try {
      await Promise.race([until ?? new Promise(() => undefined), aborted(signal)]);
      return bytes;
    } finally {
      this.waiting--;
      if (signal.aborted) this.interrupted++;
    }
  }
  #nameOf(node: Node): string | undefined {
    return ['slow', 'never'].find((name) => this.#node(1).children?.get(name) === node);
  }
}

function makeNode(id: number, mode: number): Node {
  const children = (mode & S_IFDIR) === 0 ? undefined : new Map<string, Node>();
  return { id, mode, children, data: Buffer.alloc(0), size: 0, modified: Date.now() };
}

function resize(node: Node, size: number): void {
  if (size > node.data.length) {
    const data = Buffer.alloc(Math.max(size, node.data.length * 2, 4096));
    node.data.copy(data, 0, 0, node.size);
    node.data = data;
  }
  if (size < node.size) node.data.fill(0, size, node.size);
  node.size = size;
}

function attributesOf(node: Node): Attributes {
  const { id, mode, size, modified } = node;
  const times = { atime: modified, mtime: modified, ctime: modified };
  return { ino: id, size, blocks: Math.ceil(size / 512), mode, nlink: 1, ...owner, ...times };
}

function entryOf(node: Node): EntryReply {
  return { node: node.id, attributes: attributesOf(node), entryTimeout: 3600, attributeTimeout: 3600 };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
