import type { NodeTree } from '../cache/node-tree.ts';
import { Errno } from '../fuse/errno.ts';
import type {
  Answer,
  AttributeChanges,
  AttributesReply,
  Connection,
  CreateReply,
  DirectoryListing,
  EntryReply,
  FileSystem,
  FileSystemStatistics,
  OpenReply,
  RenameFlags,
  Request,
} from '../fuse/file-system.ts';
import { interruptible } from './answer.ts';
import { ControlFiles, lasting } from './control-files.ts';
import { controlNumbers, firstScratchNumber } from './control-nodes.ts';
import { DataFileSystem } from './data-file-system.ts';
import { errnoOf } from './errno-of.ts';
import { ask, askForStep, refuse, translated } from './kernel-answers.ts';
import type { FileSystemPart } from './file-system-part.ts';
import { KernelNews } from './kernel-news.ts';
import type { MountControl } from './mount-control.ts';
import { type PassthroughState, tryPassthrough } from './passthrough.ts';
import { spaceOf, spaceWithoutStore } from './space.ts';

/** Tree numbers are below this; the inode numbers of one attached tree are its numbers plus a multiple of it. */
const numbersOfOneTree = 2 ** 40;
/** Virtual nodes have the numbers below. */
const firstTreeNumber = 16;

/** How a tree is shown. */
export interface AttachOptions {
  /** The kernel reads and writes cached files itself, where it can. @default true */
  readonly passthrough?: boolean | undefined;
}

const turnedOff: PassthroughState = { on: false, why: 'it is turned off' };

/** What is behind the control files, and whose they are. */
export interface CloudFileSystemOptions {
  readonly control: MountControl;
  /** The owner of the control files. @default the user of this process */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Told of notifications that the kernel did not take; nobody waits for them. @default a process warning */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * The mount as the kernel sees it: the attached tree under `data`, and the control files beside it. Every failure leaves here
 * as an `Errno`, or is a mistake of the program.
 */
export class CloudFileSystem implements FileSystem {
  readonly #control: ControlFiles;
  readonly #news: KernelNews;
  #data: DataFileSystem | undefined;
  #attached = 0;
  #endChanges: (() => void) | undefined;
  #connection: Connection | undefined;
  #wanted: { readonly tree: NodeTree; readonly passthrough: boolean } | undefined;
  #passthrough: PassthroughState | undefined;

  constructor(options: CloudFileSystemOptions) {
    this.#control = new ControlFiles({
      control: options.control,
      uid: options.uid ?? process.getuid?.() ?? 0,
      gid: options.gid ?? process.getgid?.() ?? 0,
      dataEntry: () => this.#data?.rootEntry(lasting),
    });
    const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));
    this.#news = new KernelNews(() => this.#connection?.notify, options.onError ?? warn);
  }

  /**
   * Shows another tree under `data`, or none. Files of the one before are released, and its numbers answer ESTALE from now
   * on: it may be closed as soon as this returns.
   */
  attach(tree: NodeTree | undefined, { passthrough = true }: AttachOptions = {}): void {
    this.#endChanges?.();
    this.#data?.close();
    this.#data = undefined;
    this.#wanted = tree === undefined ? undefined : { tree, passthrough };
    if (tree !== undefined) this.#attached += 1;
    const base = this.#showWanted();
    this.#endChanges = tree?.onChange((change) => this.#news.tell(change, tree, base));
    this.#news.send((notify) => notify.invalidateEntry(controlNumbers.root, 'data'));
  }

  /** How the contents of the attached tree are read and written; undefined while there is none, or no kernel. */
  get passthrough(): PassthroughState | undefined {
    return this.#passthrough;
  }

  /**
   * Whether the kernel can read files itself is known only after both the tree and the kernel are there. Answers what the
   * tree's numbers begin with.
   */
  #showWanted(): number {
    const base = Math.max(0, this.#attached - 1) * numbersOfOneTree;
    const { tree, passthrough } = this.#wanted ?? {};
    this.#passthrough = undefined;
    if (tree === undefined) return base;
    if (this.#connection !== undefined)
      this.#passthrough = passthrough ? tryPassthrough(tree, this.#connection.backing) : turnedOff;
    const backing = this.#passthrough?.on === true ? this.#connection?.backing : undefined;
    this.#data = new DataFileSystem(tree, base, { backing, holes: this.#connection?.holes });
    return base;
  }

  start(connection: Connection): void {
    this.#connection = connection;
    this.#showWanted();
  }

  stop(): void {
    this.#connection = undefined;
    this.#data?.close();
  }

  lookup(parent: number, name: string, request: Request): Answer<EntryReply> {
    return ask(request, () => this.#part(parent).lookup(parent, name, request));
  }

  // A tree keeps its numbers whether the kernel remembers them or not, but for what was removed.
  forget(node: number): void {
    if (node >= firstTreeNumber && node < firstScratchNumber) this.#data?.forget(node);
  }

  getattr(node: number, handle: number | undefined, request: Request): Answer<AttributesReply> {
    return ask(request, () => this.#part(node).getattr(node, handle, request));
  }

  setattr(node: number, changes: AttributeChanges, request: Request): Answer<AttributesReply> {
    return ask(request, () => this.#part(node).setattr(node, changes, request));
  }

  readlink(node: number, request: Request): Answer<string> {
    return ask(request, () => this.#part(node).readlink?.(node, request) ?? refuse('EINVAL'));
  }

  symlink(parent: number, name: string, target: string, request: Request): Answer<EntryReply> {
    return ask(request, () => this.#part(parent).symlink?.(parent, name, target, request) ?? refuse('EACCES'));
  }

  // link(2): EPERM is what file systems without hard links answer.
  link(): never {
    throw Errno.of('EPERM');
  }

  mknod(parent: number, name: string, mode: number, request: Request): Answer<EntryReply> {
    return ask(request, () => this.#part(parent).mknod(parent, name, mode, request));
  }

  mkdir(parent: number, name: string, mode: number, request: Request): Answer<EntryReply> {
    return ask(request, () => this.#part(parent).mkdir(parent, name, mode, request));
  }

  unlink(parent: number, name: string, request: Request): Answer<void> {
    return ask(request, () => this.#part(parent).unlink(parent, name, request));
  }

  rmdir(parent: number, name: string, request: Request): Answer<void> {
    return ask(request, () => this.#part(parent).rmdir(parent, name, request));
  }

  rename(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: RenameFlags,
    request: Request,
  ): Answer<void> {
    return ask(request, () => {
      const part = this.#part(parent);
      if (part !== this.#part(newParent)) throw Errno.of('EACCES');
      return part.rename(parent, name, newParent, newName, flags, request);
    });
  }

  open(node: number, flags: number, request: Request): Answer<OpenReply> {
    return ask(request, () => this.#part(node).open(node, flags, request));
  }

  create(parent: number, name: string, mode: number, flags: number, request: Request): Answer<CreateReply> {
    return ask(request, () => this.#part(parent).create(parent, name, mode, flags, request));
  }

  read(node: number, handle: number, offset: number, into: Uint8Array, request: Request): number | Promise<Uint8Array> {
    try {
      const answer = this.#part(node).read(node, handle, offset, into, request);
      return answer instanceof Promise ? translated(answer, request) : answer;
    } catch (error) {
      throw errnoOf(error);
    }
  }

  write(node: number, handle: number, offset: number, data: Uint8Array, request: Request): Answer<number> {
    return ask(request, () => this.#part(node).write(node, handle, offset, data, request));
  }

  flush(node: number, handle: number, request: Request): Answer<void> {
    return ask(request, () => this.#part(node).flush(node, handle, request));
  }

  // What belonged to a tree that is gone was released with it.
  release(node: number, handle: number, request: Request): Answer<void> {
    return this.#partIfAny(node)?.release(node, handle, request);
  }

  fsync(node: number, handle: number, dataOnly: boolean, request: Request): Answer<void> {
    return ask(request, () => this.#part(node).fsync(node, handle, dataOnly, request));
  }

  fallocate(
    node: number,
    handle: number,
    offset: number,
    length: number,
    mode: number,
    request: Request,
  ): Answer<void> {
    return ask(request, () => this.#part(node).fallocate(node, handle, offset, length, mode, request));
  }

  lseek(node: number, handle: number, offset: number, whence: number, request: Request): Answer<number> {
    return ask(request, () => this.#part(node).lseek(node, handle, offset, whence, request));
  }

  opendir(node: number, flags: number, request: Request): Answer<OpenReply> {
    return ask(request, () => this.#part(node).opendir(node, flags, request));
  }

  readdir(
    node: number,
    handle: number,
    offset: number,
    listing: DirectoryListing,
    request: Request,
  ): void | Promise<() => void> {
    return askForStep(request, () => this.#part(node).readdir(node, handle, offset, listing, request));
  }

  releasedir(node: number, handle: number, request: Request): Answer<void> {
    return this.#partIfAny(node)?.releasedir(node, handle, request);
  }

  fsyncdir(node: number, handle: number, dataOnly: boolean, request: Request): Answer<void> {
    return ask(request, () => this.#part(node).fsyncdir(node, handle, dataOnly, request));
  }

  statfs(_node: number, request: Request): Answer<FileSystemStatistics> {
    const data = this.#data;
    if (data === undefined) return spaceWithoutStore;
    return ask(request, () => interruptible(spaceOf(data.tree), request));
  }

  getxattr(node: number, name: string, request: Request): Answer<Uint8Array> {
    return ask(request, () => this.#part(node).getxattr(node, name, request));
  }

  listxattr(node: number, request: Request): Answer<string[]> {
    return ask(request, () => this.#part(node).listxattr(node, request));
  }

  setxattr(node: number, name: string, value: Uint8Array, flags: number, request: Request): Answer<void> {
    return ask(request, () => {
      const part = this.#part(node);
      if (part.setxattr === undefined) throw Errno.of('ENOTSUP');
      return part.setxattr(node, name, value, flags, request);
    });
  }

  removexattr(node: number, name: string, request: Request): Answer<void> {
    return ask(request, () => {
      const part = this.#part(node);
      if (part.removexattr === undefined) throw Errno.of('ENODATA');
      return part.removexattr(node, name, request);
    });
  }

  #part(node: number): FileSystemPart {
    const part = this.#partIfAny(node);
    if (part === undefined) throw Errno.of('ESTALE');
    return part;
  }

  #partIfAny(node: number): FileSystemPart | undefined {
    if (node < firstTreeNumber || node >= firstScratchNumber) return this.#control;
    const data = this.#data;
    return data !== undefined && node >= data.base ? data : undefined;
  }
}
