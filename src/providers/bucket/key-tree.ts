import type { StoredFile } from './bucket.ts';
import { isCanonicalKey, markedFolder } from './bucket-keys.ts';

/** What a flat key stands for in the tree: a path below the directory that is listed, without a `/` before it. */
export type Found =
  | { readonly kind: 'file'; readonly name: string; readonly file: StoredFile }
  | { readonly kind: 'directory'; readonly name: string };

/** A name that the current key begins with: a directory that was told already, or a file that is held back. */
interface Open {
  readonly name: string;
  readonly file: StoredFile | undefined;
}

/**
 * Makes a tree of keys that come in the order of their UTF-8 bytes. All keys that begin alike are neighbours in this order, so
 * a short stack suffices: of the names that the current key begins with. What the keys say:
 *
 * - `a/b` is the file `b` in the directory `a`, and `a` exists because of it. Directories come before what is in them.
 * - `a/` marks the directory `a`, and so does an empty `a_$folder$` where no file `a` is, and an `a` that `marksDirectory`.
 * - **Where both a file `a` and a directory `a` exist, the directory is told and the file is not**: a path has one kind, and
 *   this way the least is hidden. So a file is held back until no key can follow that would make a directory of its name.
 * - What cannot be a path (`a//b`, `../x`, `a/` with content) is not told, but the directories on the way to it are.
 */
export class KeyTree {
  readonly #marksDirectory: (file: StoredFile) => boolean;
  readonly #tell: (found: Found) => void;
  readonly #stack: Open[] = [];

  /** `tell` is called for each file and directory, once. */
  constructor(marksDirectory: (file: StoredFile) => boolean, tell: (found: Found) => void) {
    this.#marksDirectory = marksDirectory;
    this.#tell = tell;
  }

  /** The next key: `name` is its part below the directory. Without `file` it is a grouped prefix. */
  add(name: string, file: StoredFile | undefined): void {
    this.#leave(name);
    const told = this.#toldLength(name);
    for (let slash = name.indexOf('/', told + 1); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      const directory = name.slice(0, slash);
      if (!isCanonicalKey(directory)) return;
      this.#directory(directory);
    }
    if (file === undefined || name.endsWith('/') || !isCanonicalKey(name)) return;
    const folder = file.size === 0 ? markedFolder(name) : undefined;
    if (folder !== undefined && this.#holds(folder)) return;
    if (folder !== undefined) this.#directory(folder);
    else if (this.#marksDirectory(file)) this.#directory(name);
    else this.#stack.push({ name, file });
  }

  /** No key follows: tells what was held back. */
  end(): void {
    this.#leave(undefined);
  }

  #leave(name: string | undefined): void {
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      if (name?.startsWith(top.name) === true) return;
      this.#stack.pop();
      if (top.file !== undefined) this.#tell({ kind: 'file', name: top.name, file: top.file });
    }
  }

  #holds(name: string): boolean {
    return this.#stack.some((open) => open.name === name && open.file !== undefined);
  }

  /** Of the directories on the way to `name`, the length of the longest that was told. */
  #toldLength(name: string): number {
    return this.#stack.findLast((open) => open.file === undefined && name[open.name.length] === '/')?.name.length ?? -1;
  }

  /** A directory, unless it was told; a file of its name that is held back is never told. */
  #directory(name: string): void {
    // The stack is sorted by length, and a folder marker's directory is not always the longest.
    const at = this.#stack.findLastIndex((open) => open.name.length <= name.length);
    const same = this.#stack[at]?.name === name;
    if (same && this.#stack[at]?.file === undefined) return;
    this.#stack.splice(same ? at : at + 1, same ? 1 : 0, { name, file: undefined });
    this.#tell({ kind: 'directory', name });
  }
}
