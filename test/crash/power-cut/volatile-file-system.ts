import { Errno } from '../../../src/fuse/errno.ts';
import type {
  AttributeChanges,
  Attributes,
  AttributesReply,
  CreateReply,
  DirectoryListing,
  EntryReply,
  FileSystem,
  FileSystemStatistics,
  OpenReply,
  RenameFlags,
} from '../../../src/fuse/file-system.ts';
import { VolatileContent } from './volatile-content.ts';
import { VolatileNames } from './volatile-names.ts';

const directoryType = 0o040000;
const fileType = 0o100000;
/** fallocate(2): FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE. */
const allocation = { keepSize: 1, punchHole: 2, zeroRange: 16 } as const;
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
/** Seconds. */
const lasting = 3600;

interface Node {
  readonly id: number;
  readonly content: VolatileContent | undefined;
  mode: number;
  modified: number;
}

/** How a `VolatileFileSystem` treats names. */
export interface NameRules {
  /** fsync of a file leaves its name as it was; only fsync of the directory makes it durable. Otherwise as ext4. */
  readonly strictNames: boolean;
}

/**
 * A disk in memory whose power can be cut: what was not made durable by fsync(2) before is lost, or some of it. Owners, modes and times are never
 * lost. Hard links and symbolic links are not there.
 */
export class VolatileFileSystem implements FileSystem {
  readonly #nodes = new Map<number, Node>();
  readonly #names = new VolatileNames();
  readonly #listings = new Map<number, [string, Node][]>();
  readonly #rules: NameRules;
  #next = 2;
  #handle = 1;
  #isDead = false;

  constructor(rules: NameRules) {
    this.#rules = rules;
    this.#nodes.set(1, { id: 1, content: undefined, mode: directoryType | 0o700, modified: Date.now() });
  }

  /** The power goes. From now on nothing changes and nothing becomes durable: every call that would is EIO. */
  cut(isKept: () => boolean): void {
    this.#isDead = true;
    this.#names.cut(isKept);
    for (const { content } of this.#nodes.values()) content?.cut(isKept);
  }

  /** The power is back, and another kernel asks. */
  revive(): void {
    this.#isDead = false;
    this.#listings.clear();
  }

  lookup(parent: number, name: string): EntryReply {
    const node = this.#found(parent, name);
    return node === undefined ? { node: 0, entryTimeout: lasting } : entryOf(node);
  }

  forget(): void {}

  getattr(id: number): AttributesReply {
    return { attributes: attributesOf(this.#node(id)), attributeTimeout: lasting };
  }

  setattr(id: number, { mode, size, mtime }: AttributeChanges): AttributesReply {
    const node = this.#living(id);
    if (mode !== undefined) node.mode = (node.mode & ~0o7777) | (mode & 0o7777);
    if (size === 0) this.#names.note(id, contentOf(node).empty());
    else if (size !== undefined) contentOf(node).resize(size);
    if (size !== undefined || mtime === 'now') node.modified = Date.now();
    if (typeof mtime === 'number') node.modified = mtime;
    return this.getattr(id);
  }

  mkdir(parent: number, name: string, mode: number): EntryReply {
    return entryOf(this.#make(parent, name, directoryType | mode, undefined));
  }

  create(parent: number, name: string, mode: number): CreateReply {
    const node = this.#make(parent, name, fileType | (mode & 0o7777), new VolatileContent());
    return { entry: entryOf(node), open: { handle: this.#handle++ } };
  }

  unlink(parent: number, name: string): void {
    const node = this.#there(parent, name);
    this.#names.change([{ directory: parent, name, node: undefined }], [node.id]);
  }

  rmdir(parent: number, name: string): void {
    if (this.#names.of(this.#there(parent, name).id).size > 0) throw Errno.of('ENOTEMPTY');
    this.unlink(parent, name);
  }

  rename(parent: number, name: string, newParent: number, newName: string, flags: RenameFlags): void {
    const node = this.#there(parent, name);
    const standing = this.#found(newParent, newName);
    if (flags.exchange) throw Errno.of('EINVAL');
    if (flags.noReplace && standing !== undefined) throw Errno.of('EEXIST');
    const changes = [
      { directory: parent, name, node: undefined },
      { directory: newParent, name: newName, node: node.id },
    ];
    this.#names.change(changes, standing === undefined ? [node.id] : [node.id, standing.id]);
  }

  open(id: number): OpenReply {
    this.#node(id);
    return { handle: this.#handle++, keepCache: true };
  }

  read(id: number, _handle: number, offset: number, into: Uint8Array): number {
    return contentOf(this.#node(id)).read(offset, into);
  }

  write(id: number, _handle: number, offset: number, data: Uint8Array): number {
    const node = this.#living(id);
    contentOf(node).write(offset, data);
    node.modified = Date.now();
    return data.length;
  }

  fallocate(id: number, _handle: number, offset: number, length: number, mode: number): void {
    const content = contentOf(this.#living(id));
    if ((mode & ~(allocation.keepSize | allocation.punchHole | allocation.zeroRange)) !== 0) throw Errno.of('ENOTSUP');
    if ((mode & (allocation.punchHole | allocation.zeroRange)) !== 0) content.clear(offset, length);
    if ((mode & allocation.keepSize) === 0 && offset + length > content.size) content.resize(offset + length);
  }

  flush(): void {}
  release(): void {}

  fsync(id: number): void {
    contentOf(this.#living(id)).sync();
    if (!this.#rules.strictNames) this.#names.syncNode(id);
  }

  fsyncdir(id: number): void {
    this.#names.syncDirectory(this.#living(id).id);
  }

  opendir(id: number): OpenReply {
    const handle = this.#handle++;
    const entries = [...this.#names.of(id)].map(([name, node]): [string, Node] => [name, this.#node(node)]);
    this.#listings.set(handle, entries);
    return { handle };
  }

  readdir(id: number, handle: number, offset: number, listing: DirectoryListing): void {
    const entries = this.#listings.get(handle) ?? [];
    if (offset < 1 && !listing.add('.', id, true, 1)) return;
    if (offset < 2 && !listing.add('..', id, true, 2)) return;
    for (let at = Math.max(0, offset - 2); at < entries.length; at++) {
      const [name, node] = entries[at] as [string, Node];
      if (!listing.add(name, node.id, node.content === undefined, at + 3, entryOf(node))) return;
    }
  }

  releasedir(_id: number, handle: number): void {
    this.#listings.delete(handle);
  }

  statfs(): FileSystemStatistics {
    return { blockSize: 4096, blocks: 1e7, blocksFree: 1e7, files: 1e6, filesFree: 1e6 };
  }

  #make(parent: number, name: string, mode: number, content: VolatileContent | undefined): Node {
    this.#living(parent);
    if (this.#found(parent, name) !== undefined) throw Errno.of('EEXIST');
    const node: Node = { id: this.#next++, content, mode, modified: Date.now() };
    this.#nodes.set(node.id, node);
    this.#names.change([{ directory: parent, name, node: node.id }], [node.id]);
    return node;
  }

  #found(parent: number, name: string): Node | undefined {
    const id = this.#names.of(parent).get(name);
    return id === undefined ? undefined : this.#node(id);
  }

  /** A name that is about to change. */
  #there(parent: number, name: string): Node {
    this.#living(parent);
    const node = this.#found(parent, name);
    if (node === undefined) throw Errno.of('ENOENT');
    return node;
  }

  #node(id: number): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw Errno.of('ESTALE');
    return node;
  }

  #living(id: number): Node {
    if (this.#isDead) throw Errno.of('EIO');
    return this.#node(id);
  }
}

function contentOf({ content }: Node): VolatileContent {
  if (content === undefined) throw Errno.of('EISDIR');
  return content;
}

function attributesOf({ id, mode, content, modified }: Node): Attributes {
  const size = content?.size ?? 4096;
  const times = { atime: modified, mtime: modified, ctime: modified };
  return { ino: id, size, blocks: Math.ceil(size / 512), mode, nlink: 1, ...owner, ...times };
}

function entryOf(node: Node): EntryReply {
  return { node: node.id, attributes: attributesOf(node), entryTimeout: lasting, attributeTimeout: lasting };
}
