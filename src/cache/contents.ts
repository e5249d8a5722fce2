import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  fsync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { diskFull } from './disk-full.ts';

const folders = 256;
/** stat(2): in what `st_blocks` counts. */
const bytesOfBlock = 512;
/** statfs(2): file systems in memory, which do not see when a mapped page is written again (TMPFS_MAGIC, RAMFS_MAGIC of linux/magic.h). */
const memoryFileSystems: ReadonlySet<number> = new Set([0x0102_1994, 0x8584_58f6]);

/**
 * The data files: one sparse file a content, named by its number, always exactly as long as the file it is the content of.
 * Which of its bytes are real is the node's business (`Node.present`).
 *
 * A data file is created before the row that names it and deleted after the row that named it, so a file without a row is
 * garbage, and a row without a file is damage.
 */
export class Contents {
  readonly directory: string;
  /** Whether a store into a mapped page that was written back before moves the modification time. */
  readonly showsMappedWrites: boolean;
  readonly #users = new Map<number, { readonly descriptor: number; users: number }>();
  readonly #folders = new Set<string>();
  #last: number;
  #makeRoom: () => boolean = () => false;

  /** `last`: the largest number ever given. */
  constructor(directory: string, last: number) {
    this.directory = directory;
    this.#last = last;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.showsMappedWrites = !memoryFileSystems.has(statfsSync(directory).type);
  }

  /**
   * Makes a data file of `size` zeros (which take no room) and answers its number. Its descriptor stays open until the next
   * microtask, so that who creates a file and opens it at once pays for one open. Throws `QuotaExceeded`.
   */
  create(size: number): number {
    const content = this.#next();
    const descriptor = this.#guard(() =>
      openSync(this.pathOf(content), constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600),
    );
    if (size > 0) this.#guard(() => ftruncateSync(descriptor, size));
    this.#users.set(content, { descriptor, users: 0 });
    queueMicrotask(() => this.#closeIdle(content));
    return content;
  }

  /** Makes a data file with the same bytes; shared blocks where the file system below can. */
  duplicate(content: number): number {
    const copy = this.#next();
    this.#guard(() =>
      copyFileSync(this.pathOf(content), this.pathOf(copy), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL),
    );
    return copy;
  }

  /** The descriptor of a data file, until as many `release`s. */
  acquire(content: number): number {
    let used = this.#users.get(content);
    if (used === undefined)
      this.#users.set(content, (used = { descriptor: openSync(this.pathOf(content), constants.O_RDWR), users: 0 }));
    used.users++;
    return used.descriptor;
  }

  release(content: number): void {
    const used = this.#users.get(content);
    if (used === undefined) return;
    used.users--;
    this.#closeIdle(content);
  }

  /** Reads at a position; fewer bytes only at the end. The content is acquired. */
  read(content: number, into: Uint8Array, offset: number): number {
    return readSync(this.descriptorOf(content), into, 0, into.length, offset);
  }

  /** Writes all of `data` at a position. Throws `QuotaExceeded` when the disk is full. The content is acquired. */
  write(content: number, data: Uint8Array, offset: number): void {
    const descriptor = this.descriptorOf(content);
    let done = 0;
    this.#guard(() => {
      while (done < data.length) done += writeSync(descriptor, data, done, data.length - done, offset + done);
    });
  }

  truncate(content: number, size: number): void {
    this.#guard(() => this.#with(content, (descriptor) => ftruncateSync(descriptor, size)));
  }

  /** Size and modification time of the data file, and how much of the disk it takes; undefined when it is missing. */
  inspect(content: number): { size: number; modified: number; onDisk: number } | undefined {
    const used = this.#users.get(content);
    const found =
      used === undefined ? statSync(this.pathOf(content), { throwIfNoEntry: false }) : fstatSync(used.descriptor);
    if (found === undefined) return undefined;
    return { size: found.size, modified: found.mtimeMs, onDisk: found.blocks * bytesOfBlock };
  }

  /** Sets the modification time some seconds back, so that the next write moves it. The content is acquired. */
  makeOlder(content: number): void {
    const seconds = Math.floor(Date.now() / 1000) - 10;
    futimesSync(this.descriptorOf(content), seconds, seconds);
  }

  /** Bytes on disk survive a power cut when the promise resolves. */
  async sync(content: number): Promise<void> {
    const descriptor = this.acquire(content);
    try {
      await promisify(fsync)(descriptor);
      const folder = await open(this.#folder(content), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } finally {
      this.release(content);
    }
  }

  /** Deletes the data file; who has it open keeps reading. */
  remove(content: number): void {
    try {
      unlinkSync(this.pathOf(content));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    this.#closeIdle(content);
  }

  /** Runs `work` on an empty file that lies with the data files and has no name. */
  withTrialFile<T>(work: (descriptor: number) => T): T {
    const path = join(this.directory, 'trial');
    const descriptor = openSync(path, constants.O_CREAT | constants.O_RDWR, 0o600);
    try {
      unlinkSync(path);
      return work(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Closes every data file. */
  close(): void {
    for (const { descriptor } of this.#users.values()) closeSync(descriptor);
    this.#users.clear();
  }

  /** The numbers of all data files on disk below `directory`. */
  static *stored(directory: string): Generator<number> {
    if (!existsSync(directory)) return;
    for (const folder of readdirSync(directory)) {
      for (const name of readdirSync(join(directory, folder))) if (/^\d+$/.test(name)) yield Number(name);
    }
  }

  /** Moves a data file out of the cache's reach, under a name that is free there. */
  putAside(content: number, directory: string): string {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const target = join(directory, `content-${content}-${Date.now()}`);
    renameSync(this.pathOf(content), target);
    return target;
  }

  /** Where the data file is on disk. */
  pathOf(content: number): string {
    return join(this.#folder(content), String(content));
  }

  /** A number that was never used, whose folder exists. */
  #next(): number {
    const content = ++this.#last;
    const folder = this.#folder(content);
    if (!this.#folders.has(folder)) {
      this.#guard(() => mkdirSync(folder, { recursive: true, mode: 0o700 }));
      this.#folders.add(folder);
    }
    return content;
  }

  #folder(content: number): string {
    return join(this.directory, (content % folders).toString(16).padStart(2, '0'));
  }

  /** The descriptor of a content that is acquired. */
  descriptorOf(content: number): number {
    const used = this.#users.get(content);
    if (used === undefined) throw new TypeError(`content ${content} is not acquired`);
    return used.descriptor;
  }

  #with<T>(content: number, work: (descriptor: number) => T): T {
    const descriptor = this.acquire(content);
    try {
      return work(descriptor);
    } finally {
      this.release(content);
    }
  }

  #closeIdle(content: number): void {
    const used = this.#users.get(content);
    if (used === undefined || used.users > 0) return;
    this.#users.delete(content);
    closeSync(used.descriptor);
  }

  /** `makeRoom` is asked for room on a full disk before a call fails; it answers whether trying again makes sense. */
  whenFull(makeRoom: () => boolean): void {
    this.#makeRoom = makeRoom;
  }

  /** Runs what needs room on the disk, once more when room could be made. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const full = diskFull(error);
      if (full === undefined) throw error;
      if (!this.#makeRoom()) throw full;
    }
    try {
      return work();
    } catch (error) {
      throw diskFull(error) ?? error;
    }
  }
}
