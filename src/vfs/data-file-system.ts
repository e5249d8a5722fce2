import { constants } from 'node:fs';
import type { AttributePatch, NodeTree, OpenFile, TreeNode } from '../cache/node-tree.ts';
import { mapAnswer } from '../cache/map-answer.ts';
import { Errno } from '../fuse/errno.ts';
import type {
  Answer,
  AttributeChanges,
  AttributesReply,
  BackingFiles,
  CreateReply,
  DirectoryListing,
  EntryReply,
  HoleCalls,
  OpenReply,
  RenameFlags,
  Request,
} from '../fuse/file-system.ts';
import { allocate } from './allocate.ts';
import { interruptible, untilInterrupted } from './answer.ts';
import { fileType, ownershipOf } from './attributes.ts';
import { assertNameLength } from './entry-name.ts';
import type { FileSystemPart } from './file-system-part.ts';
import { Handles } from './handles.ts';
import { IoModes } from './io-modes.ts';
import { NodeReplies } from './node-replies.ts';
import { RemovedDirectories } from './removed-directories.ts';
import { OpenDirectories } from './open-directories.ts';
import { UserAttributes } from './user-attributes.ts';

/** lseek(2). */
const seekData = 3;

/** What the kernel does for a data file beyond what Node can ask of it. */
export interface KernelHelp {
  /** It reads and writes whole files itself. */
  readonly backing?: BackingFiles | undefined;
  readonly holes?: HoleCalls | undefined;
}

/**
 * POSIX over a node tree. Inode numbers are the tree's plus `base`. Answers are as synchronous as the tree's; failures are
 * `Errno`s or the tree's own errors, for `errnoOf`.
 */
export class DataFileSystem implements FileSystemPart {
  readonly tree: NodeTree;
  readonly base: number;
  readonly #files = new Handles<OpenFile>();
  readonly #directories: OpenDirectories;
  readonly #removed: RemovedDirectories;
  readonly #replies: NodeReplies;
  readonly #modes: IoModes;
  readonly #attributes: UserAttributes;
  readonly #holes: HoleCalls | undefined;

  constructor(tree: NodeTree, base: number, { backing, holes }: KernelHelp = {}) {
    this.tree = tree;
    this.base = base;
    this.#holes = holes;
    this.#modes = new IoModes(backing);
    this.#replies = new NodeReplies(tree, base);
    this.#attributes = new UserAttributes(this.#replies);
    this.#directories = new OpenDirectories(this.#replies);
    this.#removed = new RemovedDirectories(tree);
  }

  /**
   * Releases all that is open; its handles answer EBADF from now on. But what the kernel reads and writes by itself it goes
   * on with: those files are left open, for the tree to look at until it is closed.
   */
  close(): void {
    for (const file of this.#files.removeAll()) if (!file.isDirect) file.release();
    this.#modes.close();
    this.#directories.close();
    this.#removed.close();
  }

  /** The inode number of the tree's root. */
  get root(): number {
    return this.tree.root + this.base;
  }

  /** The root as an entry of its parent, believed for `seconds`. */
  rootEntry(seconds: number): EntryReply {
    const root = this.#replies.node(this.root);
    return { ...this.#replies.attributes(root), node: this.root, entryTimeout: seconds };
  }

  lookup(parent: number, name: string, request: Request): Answer<EntryReply> {
    assertNameLength(name);
    const directory = parent - this.base;
    return mapAnswer(interruptible(this.tree.lookup(directory, name), request), (node) =>
      node === undefined ? { node: 0, entryTimeout: this.#replies.freshFor(directory) } : this.#replies.entry(node),
    );
  }

  /** The kernel does not know a node any more. */
  forget(node: number): void {
    this.#removed.forget(node - this.base);
  }

  getattr(node: number): Answer<AttributesReply> {
    return this.#replies.attributes(this.#replies.node(node));
  }

  setattr(node: number, changes: AttributeChanges): Answer<AttributesReply> {
    const found = this.#replies.node(node);
    if (changes.size === undefined) return this.#patch(found, changes);
    if (found.kind === 'directory') throw Errno.of('EISDIR');
    return mapAnswer(this.tree.truncate(found.id, changes.size), () => this.#patch(found, changes));
  }

  symlink(parent: number, name: string, target: string, request: Request): Answer<EntryReply> {
    assertNameLength(name);
    const directory = this.#replies.node(parent);
    const made = this.tree.makeLink(directory.id, name, target, ownershipOf(directory, 0o777, request, false));
    return mapAnswer(made, (node) => this.#replies.entry(node));
  }

  readlink(node: number, request: Request): Answer<string> {
    const found = this.#replies.node(node);
    if (!found.link) throw Errno.of('EINVAL');
    return interruptible(this.tree.readLink(found.id), request);
  }

  mknod(parent: number, name: string, mode: number, request: Request): Answer<EntryReply> {
    const type = mode & fileType.mask;
    if (type !== fileType.regular && type !== 0) throw Errno.of('EPERM');
    return mapAnswer(this.#createFile(parent, name, mode, request, false), (node) => this.#replies.entry(node));
  }

  mkdir(parent: number, name: string, mode: number, request: Request): Answer<EntryReply> {
    assertNameLength(name);
    const directory = this.#replies.node(parent);
    const made = this.tree.makeDirectory(directory.id, name, ownershipOf(directory, mode, request, true));
    return mapAnswer(made, (node) => this.#replies.entry(node));
  }

  unlink(parent: number, name: string): Answer<void> {
    return this.tree.remove(parent - this.base, name, 'file');
  }

  rmdir(parent: number, name: string): Answer<void> {
    const directory = parent - this.base;
    return this.#removed.whileRemoving(directory, name, () => this.tree.remove(directory, name, 'directory'));
  }

  rename(parent: number, name: string, newParent: number, newName: string, flags: RenameFlags): Answer<void> {
    assertNameLength(newName);
    const [from, to] = [parent - this.base, newParent - this.base];
    return this.#removed.whileRemoving(to, newName, () => this.tree.rename(from, name, to, newName, flags));
  }

  open(node: number, flags: number, request: Request): Answer<OpenReply> {
    const found = this.#replies.node(node);
    if (found.kind === 'directory') throw Errno.of('EISDIR');
    const answer = this.#open(found, flags);
    const truncates = (flags & constants.O_TRUNC) !== 0;
    const opened = truncates ? answer : interruptible(answer, request, (file) => file.release());
    return mapAnswer(opened, (file) => this.#opened(file, flags));
  }

  create(parent: number, name: string, mode: number, flags: number, request: Request): Answer<CreateReply> {
    const created = (flags & constants.O_EXCL) === 0 ? this.#createOrFind(parent, name, mode, request) : undefined;
    return mapAnswer(created ?? this.#createFile(parent, name, mode, request, this.#modes.areDirect), (node) => {
      if (node.kind === 'directory') throw Errno.of('EISDIR');
      return mapAnswer(this.#open(node, flags), (file) => {
        const open = this.#opened(file, flags);
        return { entry: this.#replies.madeEntry(node), open };
      });
    });
  }

  // Without a signal for each read, which most would pay for and few need: what is being fetched is wanted by the cache too.
  read(
    _node: number,
    handle: number,
    offset: number,
    into: Uint8Array,
    request: Request,
  ): number | Promise<Uint8Array> {
    const answer = this.#files.find(handle).read(offset, into);
    return typeof answer === 'number' ? answer : untilInterrupted(answer, request.signal);
  }

  // The kernel has put O_APPEND into `offset`. Moving it here would misplace pages that were changed through a mapping.
  write(_node: number, handle: number, offset: number, data: Uint8Array, request: Request): Answer<number> {
    return this.#files.find(handle).write(offset, data, request);
  }

  flush(_node: number, handle: number, request: Request): Answer<void> {
    return this.#files.find(handle).flush(request);
  }

  release(_node: number, handle: number): void {
    const file = this.#files.remove(handle);
    if (file === undefined) return;
    file.release();
    this.#modes.end(file);
  }

  fsync(_node: number, handle: number, _dataOnly: boolean, request: Request): Answer<void> {
    return this.#files.find(handle).sync(request);
  }

  fallocate(_node: number, handle: number, offset: number, length: number, mode: number): Answer<void> {
    return allocate(this.#files.find(handle), { offset, length, mode }, this.#holes);
  }

  lseek(_node: number, handle: number, offset: number, whence: number): number {
    const position = this.#files.find(handle).seek(offset, whence === seekData ? 'data' : 'hole', this.#holes);
    if (position === undefined) throw Errno.of('ENXIO');
    return position;
  }

  opendir(node: number, _flags: number, request: Request): Answer<OpenReply> {
    return this.#directories.open(node, request);
  }

  readdir(
    node: number,
    handle: number,
    offset: number,
    listing: DirectoryListing,
    request: Request,
  ): void | Promise<() => void> {
    return this.#directories.read(node, handle, offset, listing, request);
  }

  releasedir(_node: number, handle: number): void {
    this.#directories.release(handle);
  }

  fsyncdir(node: number, _handle: number, _dataOnly: boolean, request: Request): Promise<void> {
    return this.tree.sync(node, request);
  }

  getxattr(node: number, name: string): Uint8Array {
    return this.#attributes.value(node, name);
  }

  listxattr(node: number): string[] {
    return this.#attributes.names(node);
  }

  setxattr(node: number, name: string, value: Uint8Array, flags: number): void {
    this.#attributes.set(node, name, value, flags);
  }

  removexattr(node: number, name: string): void {
    this.#attributes.remove(node, name);
  }

  #patch(node: TreeNode, { mode, uid, gid, mtime, atime }: AttributeChanges): AttributesReply {
    const patch: AttributePatch = { mode, uid, gid, modified: timeOf(mtime), readAt: timeOf(atime) };
    if (Object.values(patch).some((value) => value !== undefined)) this.tree.setAttributes(node.id, patch);
    return this.#replies.attributes(node);
  }

  #createFile(parent: number, name: string, mode: number, request: Request, direct: boolean): Answer<TreeNode> {
    assertNameLength(name);
    const directory = this.#replies.node(parent);
    const ownership = ownershipOf(directory, mode, request, false);
    return this.tree.createFile(directory.id, name, direct ? { ...ownership, direct } : ownership);
  }

  /** open(2) with O_CREAT and without O_EXCL takes what the kernel did not know to be there. */
  #createOrFind(parent: number, name: string, mode: number, request: Request): Answer<TreeNode> {
    return mapAnswer(this.tree.lookup(parent - this.base, name), (node) => {
      return node ?? this.#createFile(parent, name, mode, request, this.#modes.areDirect);
    });
  }

  #open(node: TreeNode, flags: number): Answer<OpenFile> {
    const truncate = (flags & constants.O_TRUNC) !== 0;
    return this.tree.open(node.id, { write: truncate || writes(flags), truncate });
  }

  #opened(file: OpenFile, flags: number): OpenReply {
    try {
      const mode = this.#modes.begin(file);
      // What the kernel writes by itself survives us from the first byte; RELEASE tells of it soon enough.
      const isDirect = mode.backing !== undefined && mode.directIo !== true;
      return { ...mode, handle: this.#files.add(file), noFlush: isDirect || !writes(flags) };
    } catch (error) {
      file.release();
      throw error;
    }
  }
}

/** Whether a descriptor opened with these flags of open(2) can write. */
function writes(flags: number): boolean {
  const access = flags & (constants.O_WRONLY | constants.O_RDWR);
  return access !== constants.O_RDONLY;
}

function timeOf(time: number | 'now' | undefined): number | undefined {
  return time === 'now' ? Date.now() : time;
}
