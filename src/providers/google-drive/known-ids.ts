import { isInside } from '../../store/path.ts';
import { type DriveFile, isFolder } from './drive-file.ts';

interface KnownId {
  readonly id: string;
  readonly isFolder: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const mostIds = 20_000;

/** Ids by path, as they were last seen; the ones that were not needed for the longest time are forgotten first. */
export class KnownIds {
  readonly #ids = new Map<string, KnownId>();
  readonly #onSeen: (file: DriveFile) => void;

  /** `onSeen` is told of every file that is remembered. */
  constructor(onSeen: (file: DriveFile) => void) {
    this.#onSeen = onSeen;
  }

  /** The id of a folder that was seen at most `maxAge` milliseconds ago. */
  folder(path: string, maxAge: number): string | undefined {
    const known = this.#ids.get(path);
    return known?.isFolder === true && Date.now() - known.at <= maxAge ? this.get(path) : undefined;
  }

  /** The id of what was last seen at a path. */
  get(path: string): string | undefined {
    const known = this.#ids.get(path);
    if (known === undefined) return undefined;
    this.#ids.delete(path);
    this.#ids.set(path, known);
    return known.id;
  }

  set(path: string, file: DriveFile): void {
    this.#onSeen(file);
    this.#ids.delete(path);
    this.#ids.set(path, { id: file.id, isFolder: isFolder(file), at: Date.now() });
    if (this.#ids.size <= mostIds) return;
    const [oldest] = this.#ids.keys();
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  /** Forgets what stood at a path. */
  forget(path: string): void {
    this.#ids.delete(path);
  }

  /** Forgets a directory with all below it. */
  forgetTree(path: string): void {
    this.forget(path);
    for (const other of this.#ids.keys()) if (isInside(other, path)) this.#ids.delete(other);
  }
}
