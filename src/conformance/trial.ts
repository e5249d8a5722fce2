import { readBytes, readText } from '../store/operations.ts';
import { bytesSource } from '../store/source.ts';
import type { Capabilities, FileEntry, ReadOptions, Store, WriteOptions } from '../store/store.ts';

/** One case's store, empty at the beginning, with the few steps that all cases are made of. */
export class Trial {
  readonly store: Store;
  readonly capabilities: Capabilities;
  readonly #settle: (store: Store) => void | Promise<void>;

  constructor(store: Store, settle: (store: Store) => void | Promise<void>) {
    this.store = store;
    this.capabilities = store.capabilities;
    this.#settle = settle;
  }

  /** Waits for a change, then until the store shows it everywhere. */
  async settled<T>(change: Promise<T>): Promise<T> {
    const result = await change;
    await this.#settle(this.store);
    return result;
  }

  /** Writes a file, and waits until the store shows it. */
  put(path: string, content: Uint8Array | string = path, options: WriteOptions = {}): Promise<FileEntry> {
    return this.settled(this.store.write(path, bytesSource(content), options));
  }

  /** The file's current entry; fails the case when it is none. */
  async file(path: string): Promise<FileEntry> {
    const entry = await this.store.stat(path);
    if (entry.kind !== 'file') throw new Error(`${path} is a directory`);
    return entry;
  }

  /** The file's revision; fails the case when it has none. */
  async revision(path: string): Promise<string> {
    const { revision } = await this.file(path);
    if (revision === undefined) throw new Error(`${path} has no revision, but the store claims preconditions`);
    return revision;
  }

  bytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    return readBytes(this.store, path, options);
  }

  text(path: string): Promise<string> {
    return readText(this.store, path);
  }

  /** What a directory holds, sorted: files by their paths, directories with a `/` behind. */
  async paths(directory: string, options: { readonly recursive?: boolean } = {}): Promise<string[]> {
    const entries = await Array.fromAsync(this.store.list(directory, options));
    return entries.map(({ kind, path }) => (kind === 'directory' ? `${path}/` : path)).sort();
  }

  /** The whole store: `paths` of everything, and each file's text. */
  async tree(): Promise<Record<string, string>> {
    const paths = await this.paths('/', { recursive: true });
    const texts = await Promise.all(paths.map(async (path) => (path.endsWith('/') ? '' : this.text(path))));
    return Object.fromEntries(paths.map((path, index) => [path, texts[index] ?? '']));
  }
}
