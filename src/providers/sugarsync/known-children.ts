import { folded, isShown } from './sugar-names.ts';
import { isUnfinished, type SugarResource } from './sugar-resource.ts';

/** Folders whose content is remembered, and all that they hold together. */
const mostFolders = 2000;
const mostChildren = 100_000;

interface Seen {
  readonly resource: SugarResource;
  /** In milliseconds since the epoch. */
  readonly at: number;
}

/** What a folder held when it was listed, with what this store changed in it since. */
class Children {
  /** When the listing was begun, in milliseconds since the epoch. */
  readonly at: number;
  readonly #byRef = new Map<string, Seen>();
  readonly #byName = new Map<string, Set<string>>();

  constructor(at: number, resources: readonly SugarResource[]) {
    this.at = at;
    for (const resource of resources) this.put(resource, at);
  }

  get size(): number {
    return this.#byRef.size;
  }

  all(): SugarResource[] {
    return [...this.#byRef.values()].map(({ resource }) => resource);
  }

  put(resource: SugarResource, at: number): void {
    this.remove(resource.ref);
    this.#byRef.set(resource.ref, { resource, at });
    const name = folded(resource.name);
    const refs = this.#byName.get(name);
    if (refs === undefined) this.#byName.set(name, new Set([resource.ref]));
    else refs.add(resource.ref);
  }

  remove(ref: string): void {
    const seen = this.#byRef.get(ref);
    if (seen === undefined) return;
    this.#byRef.delete(ref);
    const name = folded(seen.resource.name);
    const refs = this.#byName.get(name);
    refs?.delete(ref);
    if (refs?.size === 0) this.#byName.delete(name);
  }

  called(name: string, since: number): SugarResource[] {
    const refs = this.#byName.get(folded(name)) ?? [];
    return [...refs]
      .map((ref) => this.#byRef.get(ref))
      .filter((seen) => seen !== undefined)
      .filter(({ at }) => at >= since)
      .map(({ resource }) => resource);
  }
}

/** A change that this store made in a folder. */
type Change = (children: Children) => void;

/**
 * What folders hold, as far as it was seen, because the service cannot be asked for a name. What this store changes while a listing
 * is under way is added to what the listing tells, so that nobody misses his own change.
 */
export class KnownChildren {
  readonly #folders = new Map<string, Children>();
  readonly #listing = new Map<string, Set<Change[]>>();
  #size = 0;

  /** Lists a folder, and remembers what it holds. */
  async listing(folder: string, list: () => Promise<readonly SugarResource[]>): Promise<SugarResource[]> {
    const [at, changes]: [number, Change[]] = [Date.now(), []];
    const under = this.#listing.get(folder) ?? new Set();
    this.#listing.set(folder, under.add(changes));
    try {
      const children = new Children(at, await list());
      for (const change of changes) change(children);
      this.#set(folder, children);
      return children.all();
    } finally {
      under.delete(changes);
      if (under.size === 0) this.#listing.delete(folder);
    }
  }

  /** A folder that was just made, and holds nothing. */
  made(folder: string): void {
    this.#set(folder, new Children(Date.now(), []));
  }

  /** Whether it was listed at most `age` milliseconds ago. */
  isYoung(folder: string, age: number): boolean {
    const children = this.#folders.get(folder);
    return children !== undefined && Date.now() - children.at <= age;
  }

  /** What has this name in a folder, as far as it is known, and was seen at most `age` milliseconds ago. */
  called(folder: string, name: string, age: number = Infinity): SugarResource | undefined {
    return chosen(this.#folders.get(folder)?.called(name, Date.now() - age) ?? [], name);
  }

  put(folder: string, resource: SugarResource): void {
    const at = Date.now();
    this.#change(folder, (children) => children.put(resource, at));
  }

  remove(folder: string, ref: string): void {
    this.#drop(ref);
    this.#change(folder, (children) => children.remove(ref));
  }

  /** Forgets everything. Listings that are under way count as before. */
  forget(): void {
    this.#folders.clear();
    this.#size = 0;
  }

  #change(folder: string, change: Change): void {
    for (const changes of this.#listing.get(folder) ?? []) changes.push(change);
    const children = this.#folders.get(folder);
    if (children === undefined) return;
    this.#size -= children.size;
    change(children);
    this.#size += children.size;
  }

  #set(folder: string, children: Children): void {
    this.#drop(folder);
    this.#folders.set(folder, children);
    this.#size += children.size;
    for (const oldest of this.#folders.keys()) {
      if (oldest === folder || (this.#folders.size <= mostFolders && this.#size <= mostChildren)) break;
      this.#drop(oldest);
    }
  }

  #drop(folder: string): void {
    this.#size -= this.#folders.get(folder)?.size ?? 0;
    this.#folders.delete(folder);
  }
}

/**
 * Which of the resources whose names differ at the most in case is meant by a name: what is spelled like it before the rest, and
 * what is there before what was never finished.
 */
export function chosen(resources: readonly SugarResource[], name: string): SugarResource | undefined {
  const rank = (resource: SugarResource): number => (isUnfinished(resource) ? 2 : 0) + (resource.name === name ? 0 : 1);
  const [first] = resources.filter(({ name: other }) => isShown(other)).toSorted((a, b) => rank(a) - rank(b));
  return first;
}
