import type { KeyPage, StoredFile } from './bucket.ts';
import { isCanonicalKey, markedFolder } from './bucket-keys.ts';
import { compareKeys } from './key-order.ts';

/** What a name of a directory is. An empty file that may be a marker stands for itself, until somebody has looked at it. */
export type NameFact = 'file' | 'directory' | StoredFile;

/**
 * What one grouped page told of a directory, with the changes that were made since it was asked for. The page of a large directory
 * tells of some names only: of those behind `after`, up to the last key in it.
 */
export class DirectoryFacts {
  /** When it was asked for, as `performance.now` tells it: nothing that happened before is missing. */
  readonly since: number;
  readonly #prefix: string;
  readonly #after: string | undefined;
  readonly #told = new Map<string, NameFact>();
  readonly #changed = new Map<string, NameFact | undefined>();
  /** The last key that was told; undefined: there is none behind. */
  #until: string | undefined;
  #hasOtherKeys = false;
  #marked: boolean | undefined;

  constructor(prefix: string, since: number, after?: string) {
    this.#prefix = prefix;
    this.since = since;
    this.#after = after;
    this.#marked = after === undefined ? false : undefined;
  }

  /** Whether the directory's own marker is there; undefined: the page began behind it. */
  get marked(): boolean | undefined {
    return this.#marked;
  }

  set marked(marked: boolean) {
    this.#marked = marked;
  }

  /** Whether there is any key in it. */
  get exists(): boolean {
    if (this.#marked === true || this.#hasOtherKeys || this.#after !== undefined || this.#until !== undefined)
      return true;
    if (this.#changed.values().some((fact) => fact !== undefined)) return true;
    return this.#told.keys().some((name) => !this.#changed.has(name));
  }

  /** Takes in the page. Changes that were made while it came are newer than it. */
  learn({ files, prefixes, next }: KeyPage): void {
    for (const file of files) this.#learnKey(file.key.slice(this.#prefix.length), file);
    for (const prefix of prefixes) {
      const name = prefix.slice(this.#prefix.length, -1);
      if (isCanonicalKey(name)) this.#told.set(name, 'directory');
      else this.#hasOtherKeys = true;
    }
    if (next === undefined) return;
    const [file, prefix] = [files.at(-1)?.key ?? '', prefixes.at(-1) ?? ''];
    this.#until = compareKeys(file, prefix) > 0 ? file : prefix;
  }

  /** Whether it is known what a name is: no key that tells can lie outside of the page. */
  covers(name: string): boolean {
    if (this.#changed.has(name)) return true;
    const key = this.#prefix + name;
    const isBehind = this.#after === undefined || compareKeys(key, this.#after) > 0;
    return isBehind && (this.#until === undefined || compareKeys(`${key}_$folder$`, this.#until) <= 0);
  }

  /** What a covered name is; undefined: nothing. */
  of(name: string): NameFact | undefined {
    return this.#changed.has(name) ? this.#changed.get(name) : this.#told.get(name);
  }

  /** A change that this store has made, or what it has found out by looking closer. */
  change(name: string, fact: NameFact | undefined): void {
    this.#changed.set(name, fact);
  }

  #learnKey(name: string, file: StoredFile): void {
    const folder = file.size === 0 ? markedFolder(name) : undefined;
    if (name === '') this.#marked = true;
    else if (!isCanonicalKey(name)) this.#hasOtherKeys = true;
    else if (folder !== undefined) this.#learnFolder(folder);
    else if (this.#told.get(name) !== 'directory') this.#told.set(name, file.size === 0 ? file : 'file');
  }

  /** Beside a file of its name such a marker says nothing; an empty file may yet turn out to be a marker itself. */
  #learnFolder(folder: string): void {
    if (!this.#told.has(folder)) this.#told.set(folder, 'directory');
  }
}
