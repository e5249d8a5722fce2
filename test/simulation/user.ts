import type { NodeTree, OpenFile } from '../../src/cache/node-tree.ts';
import { nameOf, parentOf, segmentsOf } from '../../src/store/path.ts';
import { isStoreError } from '../../src/store/errors.ts';
import type { Machine } from './machine.ts';
import type { Step } from './step.ts';
import { bytesOf, isOfOneVersion, type VersionBook } from './version-book.ts';

/** What a user does. */
export type UserStep = Extract<Step, { path: string }>;

const nobody = { mode: 0o644, uid: 1000, gid: 1000 };
const temporary = '.saving';

/** Whoever works at a machine: does what a step says, as a program would, and the book knows what he then relies on. */
export class User {
  readonly #machine: Machine;
  readonly #tree: NodeTree;
  readonly #book: VersionBook;
  readonly #process: number;

  /** For the process that runs now; when it was killed, what it still does counts for nothing. */
  constructor(machine: Machine, book: VersionBook) {
    this.#machine = machine;
    this.#tree = machine.cache.tree;
    this.#book = book;
    this.#process = machine.process;
  }

  /** Resolves when it is done or was refused. */
  async act(step: UserStep): Promise<string> {
    try {
      await this.#do(step);
      return 'done';
    } catch (error) {
      if (isStoreError(error)) return error.code;
      throw error;
    }
  }

  async #do(step: UserStep): Promise<void> {
    const { path } = step;
    switch (step.do) {
      case 'save':
        return this.#save(await this.#directoryOf(path), nameOf(path));
      case 'replace':
        await this.#save(await this.#directoryOf(path), temporary);
        return this.#move(parentOf(path), temporary, path);
      case 'remove':
        return this.#remove(await this.#directoryOf(path), nameOf(path));
      case 'makeDirectory':
        this.#book.directoryNames.add(nameOf(path));
        await this.#tree.makeDirectory(await this.#directoryOf(path), nameOf(path), { ...nobody, mode: 0o755 });
        return;
      case 'look':
        await this.#tree.list(await this.#find(path));
        return;
      case 'read':
        return this.#read(path);
      case 'sync':
        return this.#withFile(path, async (file) => {
          await file.sync();
          if (this.isRunning) this.#machine.synced();
        });
      case 'rename':
        return this.#move(parentOf(path), nameOf(path), step.to);
      default:
        step satisfies never;
    }
  }

  async #save(directory: number, name: string): Promise<void> {
    const tree = this.#tree;
    const standing = await tree.lookup(directory, name);
    const node = standing ?? (await tree.createFile(directory, name, nobody));
    const file = await tree.open(node.id, { write: true });
    try {
      const number = this.#book.begin(name);
      this.#machine.unsynced.add(number);
      this.#book.release(file.node.size);
      await tree.truncate(node.id, 0);
      await file.write(0, bytesOf(number));
      await file.flush();
      if (this.isRunning) this.#book.close(number);
    } finally {
      if (this.isRunning) file.release();
    }
  }

  async #remove(directory: number, name: string): Promise<void> {
    const tree = this.#tree;
    const node = await tree.lookup(directory, name);
    if (node?.kind === 'directory')
      for (const child of await tree.list(node.id)) await this.#remove(node.id, child.shownName);
    else if (node !== undefined) this.#book.release(node.size);
    await this.#replacing(() => tree.remove(directory, name, node?.kind ?? 'file'));
  }

  async #move(fromDirectory: string, name: string, to: string): Promise<void> {
    const tree = this.#tree;
    const [from, into] = [await this.#find(fromDirectory), await this.#directoryOf(to)];
    const before = await tree.lookup(from, name);
    const target = await tree.lookup(into, nameOf(to));
    const node = await tree.lookup(from, name);
    // While he looked at the target something else may have come to stand there, which is what is renamed.
    if (node !== before) this.#book.releaseAll();
    if (node?.kind === 'file') this.#book.fileNames.add(nameOf(to));
    else this.#book.directoryNames.add(nameOf(to));
    if (target?.kind === 'file' && target !== node && node?.kind === 'file') this.#book.release(target.size);
    await this.#replacing(() => tree.rename(from, name, into, nameOf(to), {}));
  }

  async #read(path: string): Promise<void> {
    await this.#withFile(path, async (file) => {
      const into = new Uint8Array(file.node.size);
      const answer = await file.read(0, into);
      const bytes = typeof answer === 'number' ? into.subarray(0, answer) : answer;
      if (!isOfOneVersion(bytes)) throw new Error(`${path} shows ${Buffer.from(bytes).toString()}`);
    });
  }

  async #withFile(path: string, work: (file: OpenFile) => Promise<void>): Promise<void> {
    const file = await this.#tree.open(await this.#find(path), { write: false });
    try {
      await work(file);
    } finally {
      if (this.isRunning) file.release();
    }
  }

  /** What waits may meet another version than the user saw. */
  async #replacing(change: () => void | Promise<void>): Promise<void> {
    const answer = change();
    if (answer === undefined) return;
    this.#book.releaseAll();
    await answer;
  }

  /** Whether his process lives. */
  get isRunning(): boolean {
    return this.#machine.process === this.#process;
  }

  #directoryOf(path: string): Promise<number> {
    return this.#find(parentOf(path));
  }

  async #find(path: string): Promise<number> {
    let { id } = this.#tree.get(this.#tree.root);
    for (const name of segmentsOf(path)) id = (await this.#tree.lookup(id, name))?.id ?? -1;
    return id;
  }
}
