import { StoreError } from '../../store/errors.ts';
import { parentOf } from '../../store/path.ts';
import type { Entry } from '../../store/store.ts';

/** Puts the entries below a directory into an order in which every parent comes before its children, whatever order they arrive in. */
export class ParentsFirst {
  readonly #directory: string;
  readonly #known: Set<string>;
  readonly #waiting = new Map<string, Entry[]>();

  constructor(directory: string) {
    this.#directory = directory;
    this.#known = new Set([directory]);
  }

  /** The entries that may be told now that this one has arrived. */
  *next(entry: Entry): Generator<Entry> {
    const parent = parentOf(entry.path);
    if (!this.#known.has(parent)) {
      this.#waiting.set(parent, [...(this.#waiting.get(parent) ?? []), entry]);
      return;
    }
    yield entry;
    if (entry.kind === 'file') return;
    this.#known.add(entry.path);
    const children = this.#waiting.get(entry.path) ?? [];
    this.#waiting.delete(entry.path);
    for (const child of children) yield* this.next(child);
  }

  /** Throws `Unavailable` if the parent of an entry has never come: then others are missing too. */
  end(): void {
    const [parent] = this.#waiting.keys();
    if (parent === undefined) return;
    const message = `the server listed what is in ${parent} and not that directory itself`;
    throw new StoreError('Unavailable', { path: this.#directory, message });
  }
}
