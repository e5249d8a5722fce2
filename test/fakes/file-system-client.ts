import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import type { ErrnoName } from '../../src/fuse/errno.ts';
import type {
  Attributes,
  CreateReply,
  EntryReply,
  FileSystem,
  OpenReply,
  RenameFlags,
  Request,
} from '../../src/fuse/file-system.ts';

/** A file that the client opened. */
export interface ClientFile extends OpenReply {
  readonly node: number;
}

export interface ListedName {
  readonly name: string;
  readonly ino: number;
  readonly directory: boolean;
  readonly reply: EntryReply | undefined;
}

export const noFlags: RenameFlags = { noReplace: false, exchange: false };
export const writeNew: number = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** Asks a file system by path as the kernel would, one request after the other, with no memory of its own. */
export class FileSystemClient {
  readonly fileSystem: FileSystem;
  readonly request: Request;

  constructor(fileSystem: FileSystem, request: Partial<Request> = {}) {
    this.fileSystem = fileSystem;
    this.request = { unique: 1, uid: 0, gid: 0, pid: 1, signal: new AbortController().signal, ...request };
  }

  /** The same file system, asked by somebody else. */
  as(request: Partial<Request>): FileSystemClient {
    return new FileSystemClient(this.fileSystem, { ...this.request, ...request });
  }

  async entry(path: string): Promise<EntryReply> {
    const [parent, name] = await this.parent(path);
    return this.fileSystem.lookup(parent, name, this.request);
  }

  /** The number at a path; it must be there. */
  async node(path: string): Promise<number> {
    if (path === '/') return 1;
    const { node } = await this.entry(path);
    assert.notEqual(node, 0, `${path} is there`);
    return node;
  }

  async exists(path: string): Promise<boolean> {
    return (await this.entry(path)).node !== 0;
  }

  async stat(path: string): Promise<Attributes> {
    return (await this.fileSystem.getattr(await this.node(path), undefined, this.request)).attributes;
  }

  async open(path: string, flags: number): Promise<ClientFile> {
    const node = await this.node(path);
    return { ...(await this.fileSystem.open(node, flags, this.request)), node };
  }

  async create(
    path: string,
    flags: number = writeNew,
    mode = 0o644,
  ): Promise<CreateReply & { readonly file: ClientFile }> {
    const [parent, name] = await this.parent(path);
    const reply = await this.fileSystem.create?.(parent, name, mode, flags, this.request);
    assert.ok(reply !== undefined);
    return { ...reply, file: { ...reply.open, node: reply.entry.node } };
  }

  async read({ node, handle }: ClientFile, offset = 0, length = 65_536): Promise<string> {
    const into = new Uint8Array(length);
    const answer = this.fileSystem.read(node, handle, offset, into, this.request);
    const bytes = typeof answer === 'number' ? into.subarray(0, answer) : await answer;
    return Buffer.from(bytes).toString();
  }

  async write({ node, handle }: ClientFile, text: string, offset = 0): Promise<void> {
    const data = Buffer.from(text);
    const answer = this.fileSystem.write?.(node, handle, offset, data, this.request);
    // The session's buffer is used for the next request.
    data.fill(0);
    assert.equal(await answer, data.length);
  }

  /** close(2) of the only descriptor: the flush may fail, the release follows anyhow. */
  async close(file: ClientFile): Promise<void> {
    try {
      if (file.noFlush !== true) await this.flush(file);
    } finally {
      await this.fileSystem.release(file.node, file.handle, this.request);
    }
  }

  async flush({ node, handle }: ClientFile): Promise<void> {
    await this.fileSystem.flush?.(node, handle, this.request);
  }

  async readFile(path: string): Promise<string> {
    const file = await this.open(path, constants.O_RDONLY);
    try {
      return await this.read(file);
    } finally {
      await this.close(file);
    }
  }

  /** `echo text > path` */
  async writeFile(path: string, text: string): Promise<void> {
    const file = (await this.exists(path)) ? await this.open(path, writeNew) : (await this.create(path)).file;
    await this.write(file, text);
    await this.close(file);
  }

  async mkdir(path: string, mode = 0o755): Promise<EntryReply | undefined> {
    const [parent, name] = await this.parent(path);
    return this.fileSystem.mkdir?.(parent, name, mode, this.request);
  }

  async unlink(path: string): Promise<void> {
    const [parent, name] = await this.parent(path);
    await this.fileSystem.unlink?.(parent, name, this.request);
  }

  async rmdir(path: string): Promise<void> {
    const [parent, name] = await this.parent(path);
    await this.fileSystem.rmdir?.(parent, name, this.request);
  }

  async rename(from: string, to: string, flags: RenameFlags = noFlags): Promise<void> {
    const [parent, name] = await this.parent(from);
    const [newParent, newName] = await this.parent(to);
    await this.fileSystem.rename?.(parent, name, newParent, newName, flags, this.request);
  }

  /** A whole listing, with room for `room` names in each answer. */
  async list(path: string, room = 100, plus = true): Promise<ListedName[]> {
    const node = await this.node(path);
    const { handle } = await this.fileSystem.opendir(node, 0, this.request);
    const names = await this.listOpen(node, handle, room, plus);
    await this.fileSystem.releasedir(node, handle, this.request);
    return names;
  }

  async listOpen(node: number, handle: number, room = 100, plus = true): Promise<ListedName[]> {
    const names: ListedName[] = [];
    for (let position = 0, more = true; more; ) {
      let taken = 0;
      const add = (name: string, ino: number, directory: boolean, next: number, reply?: EntryReply): boolean => {
        if (taken === room) return false;
        names.push({ name, ino, directory, reply });
        position = next;
        taken += 1;
        return true;
      };
      const later = this.fileSystem.readdir(node, handle, position, { plus, add }, this.request);
      if (later !== undefined) (await later)();
      more = taken > 0;
    }
    return names;
  }

  async parent(path: string): Promise<[node: number, name: string]> {
    const slash = path.lastIndexOf('/');
    return [await this.node(path.slice(0, slash) || '/'), path.slice(slash + 1)];
  }
}

/** That a call fails as `code`, at once or later. */
export async function fails(code: ErrnoName, call: () => unknown): Promise<void> {
  await assert.rejects(async () => call(), { code }, code);
}
