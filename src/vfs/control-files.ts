import { constants } from 'node:fs';
import { Errno } from '../fuse/errno.ts';
import type {
  Answer,
  AttributeChanges,
  AttributesReply,
  CreateReply,
  DirectoryListing,
  EntryReply,
  OpenReply,
  RenameFlags,
  Request,
} from '../fuse/file-system.ts';
import { controlAttributesOf } from './attributes.ts';
import type { ControlFile, OpenControlFile } from './control-file.ts';
import { type ControlDirectory, type ControlName, ControlNodes, controlNumbers } from './control-nodes.ts';
import { assertNameLength } from './entry-name.ts';
import type { FileSystemPart } from './file-system-part.ts';
import { Handles } from './handles.ts';
import type { MountControl } from './mount-control.ts';

/** Seconds for which the kernel may believe what never changes. */
export const lasting = 86_400;
/** Files change by themselves, and renaming onto `config/config` gives a name another meaning: the kernel always asks. */
const momentary = 0;

const seekData = 3;

/** Options of `ControlFiles`. */
export interface ControlFilesOptions {
  readonly control: MountControl;
  /** Who may use the control files, besides root. */
  readonly uid: number;
  readonly gid: number;
  /** The root of the store in this mount; undefined while there is none. */
  readonly dataEntry: () => EntryReply | undefined;
}

/** An open file and what it was opened from, which may have no name any more. */
interface Opened {
  readonly file: ControlFile;
  readonly content: OpenControlFile;
}

/**
 * The root of the mount and all beside `data`: `config` and `stats`. They answer their owner and root alone, however the
 * mount was made. Other names than those that are always there can be made only in `config`, for editors.
 */
export class ControlFiles implements FileSystemPart {
  readonly #options: ControlFilesOptions;
  readonly #nodes: ControlNodes;
  readonly #files = new Handles<Opened>();
  readonly #directories = new Handles<{ names: readonly ControlName[] }>();
  readonly #started = Date.now();

  constructor(options: ControlFilesOptions) {
    this.#options = options;
    this.#nodes = new ControlNodes(options.control);
  }

  lookup(parent: number, name: string, request: Request): EntryReply {
    assertNameLength(name);
    const found = this.#find(parent, name, request);
    return found === undefined ? { node: 0, entryTimeout: momentary } : this.#entry(found);
  }

  getattr(node: number, handle: number | undefined): AttributesReply {
    const directory = this.#nodes.directory(node);
    if (directory !== undefined) return this.#directoryAttributes(this.#current(directory));
    const opened = handle === undefined ? undefined : this.#files.find(handle);
    return this.#fileAttributes(opened?.file ?? this.#file(node), opened?.content.size);
  }

  /** Sizes are kept; times, modes and owners of files that may be written are as they are, whoever sets them. */
  setattr(node: number, changes: AttributeChanges, request: Request): AttributesReply {
    this.#assertOwner(request);
    const opened = changes.handle === undefined ? undefined : this.#files.find(changes.handle);
    const file = opened?.file ?? this.#file(node);
    if (!isWritable(file)) throw Errno.of('EACCES');
    if (changes.size !== undefined) (opened?.content ?? file).truncate(changes.size);
    return this.#fileAttributes(file, opened?.content.size);
  }

  mknod(parent: number, name: string, _mode: number, request: Request): EntryReply {
    this.#assertAbsent(parent, name, request);
    return this.#fileEntry(this.#nodes.addScratch(name));
  }

  mkdir(parent: number, name: string, _mode: number, request: Request): never {
    if (this.#find(parent, name, request) !== undefined) throw Errno.of('EEXIST');
    throw Errno.of('EACCES');
  }

  unlink(parent: number, name: string, request: Request): void {
    const found = this.#assertPresent(parent, name, request);
    if (found.directory) throw Errno.of('EISDIR');
    if (found.ino === controlNumbers.configuration) this.#options.control.stop();
    else if (!this.#nodes.removeScratch(name)) throw Errno.of('EACCES');
  }

  rmdir(parent: number, name: string, request: Request): never {
    throw Errno.of(this.#assertPresent(parent, name, request).directory ? 'EACCES' : 'ENOTDIR');
  }

  /**
   * Only within `config`. A scratch file renamed to `config` is put in force; the configuration renamed away, as editors do
   * with what they are about to write anew, stays and leaves a copy under the other name.
   */
  rename(
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: RenameFlags,
    request: Request,
  ): Answer<void> {
    const source = this.#assertPresent(parent, name, request);
    const target = this.#find(newParent, newName, request);
    if (parent !== controlNumbers.configDirectory || newParent !== parent) throw Errno.of('EACCES');
    if (flags.exchange) throw Errno.of('EINVAL');
    if (flags.noReplace && target !== undefined) throw Errno.of('EEXIST');
    if (source.ino === target?.ino) return undefined;
    if (target?.ino === controlNumbers.configuration) return this.#putInForce(name);
    if (source.ino === controlNumbers.configuration) this.#copyConfiguration(newName);
    else this.#nodes.renameScratch(name, newName);
  }

  open(node: number, flags: number, request: Request): OpenReply {
    if (this.#nodes.directory(node) !== undefined) throw Errno.of('EISDIR');
    this.#assertOwner(request);
    return this.#open(this.#file(node), flags);
  }

  create(parent: number, name: string, _mode: number, flags: number, request: Request): CreateReply {
    const exclusive = (flags & constants.O_EXCL) !== 0;
    const found = exclusive ? undefined : this.#find(parent, name, request);
    if (found?.directory === true) throw Errno.of('EISDIR');
    if (found === undefined) this.#assertAbsent(parent, name, request);
    const file = found === undefined ? this.#nodes.addScratch(name) : this.#file(found.ino);
    return { open: this.#open(file, flags), entry: this.#fileEntry(file) };
  }

  read(_node: number, handle: number, offset: number, into: Uint8Array): number {
    return this.#files.find(handle).content.read(offset, into);
  }

  write(_node: number, handle: number, offset: number, data: Uint8Array): number {
    this.#files.find(handle).content.write(offset, data);
    return data.length;
  }

  flush(_node: number, handle: number): Answer<void> {
    return this.#files.find(handle).content.flush();
  }

  release(_node: number, handle: number): void {
    this.#files.remove(handle);
  }

  fsync(): void {}

  fallocate(): never {
    throw Errno.of('ENOTSUP');
  }

  /** All is data up to the end, where the only hole is. */
  lseek(_node: number, handle: number, offset: number, whence: number): number {
    const { size } = this.#files.find(handle).content;
    if (offset >= size) throw Errno.of('ENXIO');
    return whence === seekData ? offset : size;
  }

  opendir(node: number, _flags: number, request: Request): OpenReply {
    return { handle: this.#directories.add({ names: this.#names(node, request) }) };
  }

  /** Positions: 1 is behind `.`, 2 behind `..`, then one for each name; reading from the start again takes fresh names. */
  readdir(node: number, handle: number, offset: number, listing: DirectoryListing, request: Request): void {
    const open = this.#directories.find(handle);
    if (offset === 0) open.names = this.#names(node, request);
    const parent = this.#nodes.directory(node)?.parent ?? controlNumbers.root;
    if (offset < 1 && !listing.add('.', node, true, 1)) return;
    if (offset < 2 && !listing.add('..', parent, true, 2)) return;
    for (const [index, found] of open.names.entries()) {
      if (index + 3 <= offset) continue;
      const reply = listing.plus ? this.#entry(found) : undefined;
      if (!listing.add(found.name, found.ino, found.directory, index + 3, reply)) return;
    }
  }

  releasedir(_node: number, handle: number): void {
    this.#directories.remove(handle);
  }

  fsyncdir(): void {}

  getxattr(): never {
    throw Errno.of('ENODATA');
  }

  listxattr(): string[] {
    return [];
  }

  #assertOwner(request: Request): void {
    if (request.uid !== this.#options.uid && request.uid !== 0) throw Errno.of('EACCES');
  }

  /** What is in a directory, for those who may look. Everyone may look into the root and the empty `data`. */
  #names(directory: number, request: Request): ControlName[] {
    const found = this.#nodes.directory(directory);
    if (found === undefined) throw Errno.of('ENOTDIR');
    if ((this.#current(found).permissions & 0o005) === 0) this.#assertOwner(request);
    return this.#nodes.names(directory, this.#options.dataEntry()?.node ?? controlNumbers.emptyData);
  }

  #find(directory: number, name: string, request: Request): ControlName | undefined {
    return this.#names(directory, request).find((found) => found.name === name);
  }

  #assertPresent(directory: number, name: string, request: Request): ControlName {
    const found = this.#find(directory, name, request);
    if (found === undefined) throw Errno.of('ENOENT');
    return found;
  }

  /** That `name` may be made: only in `config`, and only where it is not. */
  #assertAbsent(directory: number, name: string, request: Request): void {
    assertNameLength(name);
    if (this.#find(directory, name, request) !== undefined) throw Errno.of('EEXIST');
    if (directory !== controlNumbers.configDirectory) throw Errno.of('EACCES');
  }

  /** The empty `data` is over once there is a store. */
  #current(directory: ControlDirectory): ControlDirectory {
    const over = directory.ino === controlNumbers.emptyData && this.#options.dataEntry() !== undefined;
    if (over) throw Errno.of('ESTALE');
    return directory;
  }

  #file(node: number): ControlFile {
    const unnamed = (): ControlFile | undefined =>
      [...this.#files.values()].map(({ file }) => file).find(({ ino }) => ino === node);
    const file = this.#nodes.file(node) ?? unnamed();
    if (file === undefined) throw Errno.of('ESTALE');
    return file;
  }

  #open(file: ControlFile, flags: number): OpenReply {
    const writes = (flags & (constants.O_WRONLY | constants.O_RDWR | constants.O_TRUNC)) !== 0;
    if (writes && !isWritable(file)) throw Errno.of('EACCES');
    const handle = this.#files.add({ file, content: file.open(flags) });
    return { handle, directIo: true, noFlush: !writes };
  }

  async #putInForce(name: string): Promise<void> {
    const text = this.#nodes.scratch(name)?.text() ?? '';
    if (text === '') throw Errno.of('EINVAL');
    await this.#nodes.configuration.configure(text);
    this.#nodes.removeScratch(name);
  }

  #copyConfiguration(name: string): void {
    const text = this.#nodes.configuration.text();
    this.#nodes.removeScratch(name);
    this.#nodes.addScratch(name, text);
  }

  #entry({ ino }: ControlName): EntryReply {
    const data = this.#options.dataEntry();
    if (ino === data?.node) return data;
    const directory = this.#nodes.directory(ino);
    if (directory === undefined) return this.#fileEntry(this.#file(ino));
    return { ...this.#directoryAttributes(directory), node: ino, entryTimeout: lasting };
  }

  #fileEntry(file: ControlFile): EntryReply {
    return { ...this.#fileAttributes(file), node: file.ino, entryTimeout: momentary };
  }

  #directoryAttributes({ ino, permissions }: ControlDirectory): AttributesReply {
    const { uid, gid } = this.#options;
    const node = { ino, directory: true, permissions, size: 0, modified: this.#started };
    return { attributes: controlAttributesOf(node, uid, gid), attributeTimeout: lasting };
  }

  #fileAttributes(file: ControlFile, size: number = file.size): AttributesReply {
    const { uid, gid } = this.#options;
    const { ino, permissions, modified } = file;
    const attributes = controlAttributesOf({ ino, directory: false, permissions, size, modified }, uid, gid);
    return { attributes, attributeTimeout: momentary };
  }
}

function isWritable(file: ControlFile): boolean {
  return (file.permissions & 0o200) !== 0;
}
