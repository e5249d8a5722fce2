/**
 * Which names at the store are being changed by us right now. A listing that was under way meanwhile may show such a name
 * before or after the change, so what it says about it proves nothing.
 */
export class RemoteActivity {
  readonly #running = new Map<number, string[]>();
  readonly #listings = new Map<number, Set<Set<string>>>();

  /** Marks the time in which an operation may change `name` in `directory`; call the answer when it has ended. */
  begin(directory: number, name: string): () => void {
    const names = this.#running.get(directory) ?? [];
    names.push(name);
    this.#running.set(directory, names);
    for (const unreliable of this.#listings.get(directory) ?? []) unreliable.add(name);
    return () => {
      names.splice(names.indexOf(name), 1);
      if (names.length === 0 && this.#running.get(directory) === names) this.#running.delete(directory);
    };
  }

  /** Watches a directory while it is listed: `unreliable` grows by the names that were changed meanwhile. */
  watch(directory: number): { readonly unreliable: ReadonlySet<string>; readonly end: () => void } {
    const unreliable = new Set(this.#running.get(directory));
    const listings = this.#listings.get(directory) ?? new Set();
    listings.add(unreliable);
    this.#listings.set(directory, listings);
    return {
      unreliable,
      end: () => {
        listings.delete(unreliable);
        if (listings.size === 0 && this.#listings.get(directory) === listings) this.#listings.delete(directory);
      },
    };
  }
}
