/**
 * Which names at the store are being changed by us right now. A listing that was under way meanwhile may show such a name
 * before or after the change, so what it says about it proves nothing.
 */
export class RemoteActivity {
  readonly #running = new Map<number, Running[]>();
  readonly #listings = new Map<number, Set<Set<string>>>();

  /** Marks the time in which an operation may change `name` in `directory`; call the answer when it has ended. */
  begin(directory: number, name: string): () => void {
    const running = this.#running.get(directory) ?? [];
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const change: Running = { name, ended };
    running.push(change);
    this.#running.set(directory, running);
    for (const unreliable of this.#listings.get(directory) ?? []) unreliable.add(name);
    return () => {
      running.splice(running.indexOf(change), 1);
      if (running.length === 0 && this.#running.get(directory) === running) this.#running.delete(directory);
      resolve();
    };
  }

  /** Resolves when what changes `name` in `directory` now has ended; undefined where nothing does. */
  ended(directory: number, name: string): Promise<unknown> | undefined {
    const running = this.#running.get(directory)?.filter((change) => change.name === name) ?? [];
    return running.length === 0 ? undefined : Promise.all(running.map(({ ended }) => ended));
  }

  /** Watches a directory while it is listed: `unreliable` grows by the names that were changed meanwhile. */
  watch(directory: number): { readonly unreliable: ReadonlySet<string>; readonly end: () => void } {
    const unreliable = new Set(this.#running.get(directory)?.map(({ name }) => name));
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

interface Running {
  readonly name: string;
  readonly ended: Promise<void>;
}
