import { refuse } from './sugar-refusal.ts';

/** A folder that the fake keeps. */
export interface StoredFolder {
  readonly kind: 'folder';
  readonly ref: string;
  name: string;
  /** The ref of what it lies in: another folder, or the list of sync folders. */
  parent: string;
  readonly created: number;
}

/** A file that the fake keeps. */
export interface StoredSugarFile {
  readonly kind: 'file';
  readonly ref: string;
  name: string;
  parent: string;
  readonly created: number;
  readonly mediaType: string;
  /** Absent until something is sent. */
  content?: Buffer;
  modified: number;
  /** Another computer of the account has it, and is to send it: so many bytes. */
  pending?: number;
}

/** What lies in folders. */
export type Stored = StoredFolder | StoredSugarFile;

/** One account's folders and files. Names keep their case, and mean the same in any. */
export class SugarDisk {
  readonly user: string = '566494';
  readonly top: string = `/user/${this.user}/folders`;
  readonly all: Map<string, Stored> = new Map();
  readonly deleted: StoredFolder;
  readonly briefcase: StoredFolder;
  limit: number = 5_000_000_000;
  /** Bytes of the largest file. */
  largest: number = Infinity;
  /** A folder takes a second file of a name: the documents do not say whether. */
  takesDuplicates: boolean = false;
  /** Times have no fractions of the second. */
  wholeSeconds: boolean = false;
  #ids: number = 100;
  #latest: number = 0;
  #used: number = 0;
  readonly #inside: Map<string, Set<Stored>> = new Map();
  /** Names that are taken, each behind the ref of its folder. */
  readonly #names: Map<string, string> = new Map();

  constructor() {
    this.deleted = this.#add({ kind: 'folder', ...this.#place('DeletedFiles', this.top, 'folder') });
    this.briefcase = this.#add({ kind: 'folder', ...this.#place('Magic Briefcase', this.top, 'folder') });
  }

  get used(): number {
    return this.#used;
  }

  /** What cannot be reached from the list of sync folders any more. */
  get orphans(): Stored[] {
    const isReached = (ref: string): boolean => {
      const parent = this.all.get(ref)?.parent;
      return parent === this.top || (parent !== undefined && isReached(parent));
    };
    return [...this.all.values()].filter(({ ref }) => !isReached(ref));
  }

  /** In the order of their names, as `order=name` asks for. */
  in(ref: string): Stored[] {
    return [...(this.#inside.get(ref) ?? [])].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  get(ref: string, kind?: Stored['kind']): Stored {
    const found = this.all.get(ref);
    if (found === undefined || (kind !== undefined && found.kind !== kind))
      refuse(404, 'The server has not found anything matching the request URI');
    return found;
  }

  makeFolder(parent: string, name: string): StoredFolder {
    this.#assertFree(parent, name);
    return this.#add({ kind: 'folder', ...this.#place(name, parent, 'folder') });
  }

  makeFile(parent: string, name: string, mediaType: string): StoredSugarFile {
    this.#assertFree(parent, name);
    return this.#add({ kind: 'file', mediaType, ...this.#place(name, parent, 'file'), modified: this.#now() });
  }

  /** A new version of a file. */
  put(ref: string, content: Buffer): void {
    const file = this.get(ref, 'file') as StoredSugarFile;
    if (content.length > this.largest || this.used - sizeOf(file) + content.length > this.limit)
      refuse(413, 'Request Entity Too Large');
    this.#used += content.length - sizeOf(file);
    file.content = content;
    delete file.pending;
    file.modified = this.#now();
  }

  copy(source: string, parent: string, name: string): StoredSugarFile {
    const { mediaType, content } = this.get(source, 'file') as StoredSugarFile;
    const copied = this.makeFile(parent, name, mediaType);
    if (content !== undefined) copied.content = content;
    this.#used += content?.length ?? 0;
    return copied;
  }

  update(ref: string, { name, parent }: { readonly name?: string; readonly parent?: string }): Stored {
    const found = this.get(ref);
    if (parent !== undefined && found.parent === this.top) refuse(400, 'Can not move sync folder.');
    if (parent !== undefined) this.get(parent, 'folder');
    for (let at = parent; at !== undefined && at !== this.top; at = this.all.get(at)?.parent)
      if (at === ref) refuse(400, 'Can not move a folder into itself.');
    // The deleted files may be called what they like.
    if (parent !== this.deleted.ref) this.#assertFree(parent ?? found.parent, name ?? found.name, ref);
    this.#leave(found);
    found.name = name ?? found.name;
    found.parent = parent ?? found.parent;
    this.#enter(found);
    return found;
  }

  /** What is in a folder is not deleted with it, and found no more. */
  remove(ref: string): void {
    const found = this.get(ref);
    this.#leave(found);
    this.#used -= found.kind === 'file' ? sizeOf(found) : 0;
    this.all.delete(ref);
  }

  #assertFree(parent: string, name: string, except?: string): void {
    if (name === '' || /(?![\x7f-\x9f])\p{Cc}|\//u.test(name)) refuse(400, 'The display name is invalid.');
    if (parent !== this.top) this.get(parent, 'folder');
    const taken = this.#names.get(placeOf(parent, name));
    if (taken !== undefined && taken !== except && !this.takesDuplicates)
      refuse(400, 'An object with this name exists already.');
  }

  #place(
    name: string,
    parent: string,
    kind: Stored['kind'],
  ): { readonly ref: string; name: string; parent: string; readonly created: number } {
    const ref = `/${kind}/:sc:${this.user}:6552993_${++this.#ids}`;
    return { ref, name, parent, created: Date.now() };
  }

  #add<T extends Stored>(stored: T): T {
    this.all.set(stored.ref, stored);
    this.#enter(stored);
    return stored;
  }

  #enter(stored: Stored): void {
    const { name, parent, ref } = stored;
    this.#inside.set(parent, (this.#inside.get(parent) ?? new Set()).add(stored));
    this.#names.set(placeOf(parent, name), ref);
  }

  #leave(stored: Stored): void {
    const { name, parent, ref } = stored;
    this.#inside.get(parent)?.delete(stored);
    if (this.#names.get(placeOf(parent, name)) === ref) this.#names.delete(placeOf(parent, name));
  }

  /** No two versions have one time, unless times are coarse. */
  #now(): number {
    if (this.wholeSeconds) return Math.floor(Date.now() / 1000) * 1000;
    this.#latest = Math.max(this.#latest + 1, Date.now());
    return this.#latest;
  }
}

function placeOf(parent: string, name: string): string {
  return `${parent}/${name.toLowerCase()}`;
}

function sizeOf({ content, pending }: StoredSugarFile): number {
  return content?.length ?? pending ?? 0;
}
