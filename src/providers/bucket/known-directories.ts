import { LRUCache } from 'lru-cache';
import { childOf, isInside, nameOf, parentOf } from '../../store/path.ts';
import type { CallOptions } from '../../store/store.ts';
import type { Bucket, StoredFile } from './bucket.ts';
import type { BucketKeys } from './bucket-keys.ts';
import { DirectoryFacts } from './directory-facts.ts';
import type { EmptyFiles } from './empty-files.ts';
import { firstPage } from './key-pages.ts';
import { SharedWork } from '../../http/shared-work.ts';
import type { Standings } from './standing.ts';

const directoriesAtOnce = 200;

/** What is known of a path and of the directory that it lies in. */
export interface KnownPath {
  /** A directory where there is one, even beside a file; undefined: nothing. */
  readonly kind: 'file' | 'directory' | undefined;
  /** Whether there is any key in the parent. The root always exists. */
  readonly parentExists: boolean;
  /** Whether the parent has a marker of its own; undefined: nobody has looked. */
  readonly parentMarked: boolean | undefined;
}

/** What a change leaves at its path: a marked directory, a file, nothing at all, or what must be asked. */
export type ChangeOutcome = 'marker' | 'file' | 'nothing' | 'unknown';

/** Where `KnownDirectories` asks. */
export interface KnownDirectoriesParts {
  readonly bucket: Bucket;
  readonly keys: BucketKeys;
  readonly empties: EmptyFiles;
  readonly standings: Standings;
  /** Milliseconds for which a page answers. */
  readonly knownFor: number;
}

/**
 * Answers what must be known before a change, without a request for each file: a grouped page of the parent answers for all names
 * in it, for some seconds, with the changes of this store applied. In a directory of more than one page, the page begins
 * just before the name that is asked for, so names that come in order still share one.
 *
 * The window that this leaves open: what another client makes or deletes in these seconds is not seen. A file may then be
 * written beside a new directory of its name; both exist, the directory is shown, and nothing is lost.
 */
export class KnownDirectories {
  readonly #parts: KnownDirectoriesParts;
  readonly #facts = new LRUCache<string, DirectoryFacts>({ max: directoriesAtOnce });
  /** Pages that are on their way: what they tell is not known yet, but changes must reach them. */
  readonly #coming = new Set<{ readonly directory: string; readonly facts: DirectoryFacts }>();
  readonly #changing = new Set<{ readonly path: string; disturbed: boolean }>();
  readonly #requests = new SharedWork<DirectoryFacts>();

  constructor(parts: KnownDirectoriesParts) {
    this.#parts = parts;
  }

  /** What stands at a path, as far as it is known without a request. */
  peek(path: string): KnownPath['kind'] {
    const [facts, name] = [this.#fresh(parentOf(path)), nameOf(path)];
    const fact = facts?.covers(name) === true ? facts.of(name) : undefined;
    return typeof fact === 'object' ? undefined : fact;
  }

  /** What stands at a path other than the root. */
  async about(path: string, options: CallOptions = {}): Promise<KnownPath> {
    const [directory, name] = [parentOf(path), nameOf(path)];
    const facts = await this.#factsFor(directory, name, options);
    const told = facts.of(name);
    if (typeof told === 'object') await this.#lookAtEmpty(facts, told, name, options);
    const kind = facts.of(name) as KnownPath['kind'];
    return { kind, parentExists: directory === '/' || facts.exists, parentMarked: facts.marked };
  }

  /**
   * Does a change of what stands at `path`, and knows its outcome afterwards; nothing, when it fails. Changes that run at the same
   * time above or below it leave open which of them came last: then the next question is asked anew.
   */
  async during<T>(
    path: string,
    outcome: ChangeOutcome | ((result: T) => ChangeOutcome),
    work: () => Promise<T>,
  ): Promise<T> {
    const change = { path, disturbed: false };
    this.#changing.add(change);
    try {
      const result = await work();
      this.#learn(path, typeof outcome === 'function' ? outcome(result) : outcome);
      return result;
    } catch (error) {
      this.#forget(path);
      throw error;
    } finally {
      this.#changing.delete(change);
      for (const other of this.#changing) if (overlap(path, other.path)) other.disturbed = true;
      if (change.disturbed) this.#forgetWayTo(path);
    }
  }

  /** The same for a change of many paths at once; `outcomeOf` is asked for each when the work has ended. */
  async duringAll<T>(
    paths: readonly string[],
    outcomeOf: (path: string, result: T) => ChangeOutcome,
    work: () => Promise<T>,
  ): Promise<T> {
    const changes = paths.map((path) => ({ path, disturbed: false }));
    const others = [...this.#changing];
    for (const change of changes) this.#changing.add(change);
    try {
      const result = await work();
      for (const path of paths) this.#learn(path, outcomeOf(path, result));
      return result;
    } catch (error) {
      for (const path of paths) this.#forget(path);
      throw error;
    } finally {
      for (const change of changes) this.#changing.delete(change);
      for (const other of [...others, ...this.#changing])
        if (paths.some((path) => overlap(path, other.path))) other.disturbed = true;
      for (const { path, disturbed } of changes) if (disturbed) this.#forgetWayTo(path);
    }
  }

  #learn(path: string, outcome: ChangeOutcome): void {
    if (outcome === 'marker') this.#marked(path);
    else if (outcome === 'file') this.#made(path, 'file');
    else if (outcome === 'nothing') this.#gone(path);
    else this.#forget(path);
  }

  /** What stands at a path has its parents. */
  #made(path: string, kind: 'file' | 'directory'): void {
    this.#change(path, kind);
    for (let parent = parentOf(path); parent !== '/'; parent = parentOf(parent)) this.#change(parent, 'directory');
  }

  #marked(directory: string): void {
    if (this.#fresh(directory) === undefined) this.#implied(directory);
    this.#made(directory, 'directory');
    for (const facts of this.#all(directory)) facts.marked = true;
  }

  #gone(path: string): void {
    this.#drop(path);
    this.#change(path, undefined);
  }

  #forget(path: string): void {
    this.#drop(path);
    this.#dropWhere((directory) => directory === parentOf(path));
  }

  #forgetWayTo(path: string): void {
    this.#dropWhere((directory) => directory === path || isInside(directory, path) || isInside(path, directory));
  }

  async #factsFor(directory: string, name: string, options: CallOptions): Promise<DirectoryFacts> {
    const known = this.#fresh(directory) ?? this.#implied(directory);
    if (known?.covers(name) === true) return known;
    const first = known ?? (await this.#request(directory, undefined, options));
    if (first.covers(name)) return first;
    const near = await this.#request(directory, justBefore(this.#parts.keys.prefix(directory), name), options);
    if (!near.covers(name)) await this.#lookAt(near, directory, name, options);
    if (near.marked === undefined && first.marked !== undefined) near.marked = first.marked;
    return near;
  }

  #fresh(directory: string): DirectoryFacts | undefined {
    const facts = this.#facts.get(directory);
    if (facts === undefined || performance.now() - facts.since < this.#parts.knownFor) return facts;
    this.#facts.delete(directory);
    return undefined;
  }

  /** A directory that its parent is known not to hold is empty. */
  #implied(directory: string): DirectoryFacts | undefined {
    if (directory === '/') return undefined;
    const above = parentOf(directory);
    const [parent, name] = [this.#fresh(above) ?? this.#implied(above), nameOf(directory)];
    if (parent?.covers(name) !== true || parent.of(name) !== undefined) return undefined;
    const facts = new DirectoryFacts(this.#parts.keys.prefix(directory), parent.since);
    this.#facts.set(directory, facts);
    return facts;
  }

  #request(directory: string, after: string | undefined, { signal }: CallOptions): Promise<DirectoryFacts> {
    return this.#requests.do(`${directory}\0${after ?? ''}`, () => this.#load(directory, after), signal);
  }

  async #load(directory: string, after: string | undefined): Promise<DirectoryFacts> {
    const prefix = this.#parts.keys.prefix(directory);
    const facts = new DirectoryFacts(prefix, performance.now(), after);
    const coming = { directory, facts };
    this.#coming.add(coming);
    try {
      facts.learn(await firstPage(this.#parts.bucket, { prefix, grouped: true, after: after || undefined }));
      if (this.#coming.has(coming)) this.#facts.set(directory, facts);
      return facts;
    } finally {
      this.#coming.delete(coming);
    }
  }

  /** For a name so close to many others that no page tells. What a change told meanwhile is newer. */
  async #lookAt(facts: DirectoryFacts, directory: string, name: string, options: CallOptions): Promise<void> {
    const { kind } = await this.#parts.standings.at(childOf(directory, name), options);
    if (!facts.covers(name)) facts.change(name, kind);
  }

  /** For an empty file that may be a marker. What a change told meanwhile is newer. */
  async #lookAtEmpty(facts: DirectoryFacts, file: StoredFile, name: string, options: CallOptions): Promise<void> {
    const { empties } = this.#parts;
    await empties.look([file], options);
    if (facts.of(name) === file) facts.change(name, empties.marksDirectory(file) === true ? 'directory' : 'file');
  }

  #change(path: string, kind: KnownPath['kind']): void {
    const name = nameOf(path);
    for (const facts of this.#all(parentOf(path)))
      if (kind !== 'file' || facts.of(name) !== 'directory') facts.change(name, kind);
  }

  *#all(directory: string): Generator<DirectoryFacts> {
    const known = this.#fresh(directory);
    if (known !== undefined) yield known;
    for (const { directory: other, facts } of this.#coming) if (other === directory) yield facts;
  }

  #drop(path: string): void {
    this.#dropWhere((directory) => directory === path || isInside(directory, path));
  }

  /** A page that is on its way answers those who wait for it, and nobody else. */
  #dropWhere(matches: (directory: string) => boolean): void {
    for (const directory of Array.from(this.#facts.keys())) if (matches(directory)) this.#facts.delete(directory);
    for (const coming of this.#coming) if (matches(coming.directory)) this.#coming.delete(coming);
  }
}

/** A key before the name's own, and not far: the name without its last character. */
export function justBefore(prefix: string, name: string): string {
  return prefix + name.replace(/.$/su, '');
}

function overlap(a: string, b: string): boolean {
  return a === b || isInside(a, b) || isInside(b, a);
}
