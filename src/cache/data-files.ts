import {
  closeSync,
  type Stats,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  truncateSync,
  unlinkSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../database/durable-names.ts';
import type { ContentFigures } from './inline-contents.ts';
import { isUnreadable } from './unreadable.ts';

const folders = 256;
/** Bytes that are read at a time to see whether they can be. */
const probeBytes = 1 << 20;
/** stat(2): in what `st_blocks` counts. */
const bytesOfBlock = 512;
/** statfs(2): file systems in memory, which do not see when a mapped page is written again (TMPFS_MAGIC, RAMFS_MAGIC of linux/magic.h). */
const memoryFileSystems: ReadonlySet<number> = new Set([0x0102_1994, 0x8584_58f6]);

/** The data files on the disk: one sparse file a content, named by its number, in folders that are made when they are needed. */
export class DataFiles {
  readonly directory: string;
  /** Whether a store into a mapped page that was written back before moves the modification time. */
  readonly showsMappedWrites: boolean;
  readonly #folders = new Set<string>();
  /** Those whose own names are durable, as far as this run has seen to it. */
  readonly #durable = new Set<string>();

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.showsMappedWrites = !memoryFileSystems.has(statfsSync(directory).type);
  }

  /** Makes an empty data file and answers its descriptor. */
  create(content: number): number {
    this.#makeFolder(content);
    return openSync(this.pathOf(content), constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600);
  }

  open(content: number): number {
    return openSync(this.pathOf(content), constants.O_RDWR);
  }

  /** All bytes of a small one. */
  read(content: number): Uint8Array {
    return readFileSync(this.pathOf(content));
  }

  /** Bytes of the disk that are free for this user. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.directory);
    return bavail * bsize;
  }

  /** Whether the disk gives all bytes of it back. */
  async isReadable(content: number): Promise<boolean> {
    try {
      const file = await open(this.pathOf(content));
      const block = Buffer.allocUnsafe(probeBytes);
      try {
        for (let at = 0, read = -1; read !== 0; at += read)
          read = (await file.read(block, 0, block.length, at)).bytesRead;
      } finally {
        await file.close();
      }
      return true;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return false;
    }
  }

  /** Makes a data file with the same bytes; shared blocks where the file system below can. */
  copy(content: number, copy: number): void {
    this.#makeFolder(copy);
    copyFileSync(this.pathOf(content), this.pathOf(copy), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  }

  inspect(content: number): ContentFigures | undefined {
    const found = statSync(this.pathOf(content), { throwIfNoEntry: false });
    return found === undefined ? undefined : figuresOf(found);
  }

  /** Who has it open keeps reading. What is not there is no error. */
  remove(content: number): void {
    try {
      unlinkSync(this.pathOf(content));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }

  /** Gives a data file another number, which none has. */
  renumber(content: number, to: number): void {
    this.#makeFolder(to);
    renameSync(this.pathOf(content), this.pathOf(to));
  }

  /** Empties a data file. */
  cut(content: number): void {
    truncateSync(this.pathOf(content));
  }

  /** The name of a data file survives a power cut when the promise resolves. */
  async syncName(content: number): Promise<void> {
    const folder = this.#folder(content);
    await syncNames(folder);
    if (this.#durable.has(folder)) return;
    // An earlier run may have made the folder and never synced it.
    await syncNames(this.directory);
    await syncNames(dirname(this.directory));
    this.#durable.add(folder);
  }

  /** A data file and its name survive a power cut when this returns. */
  syncNow(content: number, descriptor: number): void {
    fsyncSync(descriptor);
    const folder = this.#folder(content);
    for (const directory of [folder, this.directory, dirname(this.directory)]) {
      syncDirectory(directory);
      if (this.#durable.has(folder)) return;
    }
    this.#durable.add(folder);
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

  /** The numbers of all data files on disk below `directory`. What else a power cut may have left there is passed over. */
  static *stored(directory: string): Generator<number> {
    if (!existsSync(directory)) return;
    for (const folder of readdirSync(directory)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const name of readdirSync(join(directory, folder))) if (/^\d+$/.test(name)) yield Number(name);
    }
  }

  pathOf(content: number): string {
    return join(this.#folder(content), String(content));
  }

  #makeFolder(content: number): void {
    const folder = this.#folder(content);
    if (this.#folders.has(folder)) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folders.add(folder);
  }

  #folder(content: number): string {
    return join(this.directory, (content % folders).toString(16).padStart(2, '0'));
  }
}

/** fsync(2) of a directory. */
async function syncNames(directory: string): Promise<void> {
  const opened = await open(directory, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** What stat(2) tells of a data file. */
export function figuresOf({ size, mtimeMs, blocks }: Stats): ContentFigures {
  return { size, modified: mtimeMs, onDisk: blocks * bytesOfBlock };
}
