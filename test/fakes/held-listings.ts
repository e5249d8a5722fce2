import { Gate } from '../../src/layers/gate.ts';
import type { Entry, Store } from '../../src/store/store.ts';

/** The listings of a store, which can be stopped half way. Replaces its `list`. */
export class HeldListings {
  #after = 0;
  #gate: Gate | undefined;
  #failure: Error | undefined;

  constructor(store: Store) {
    const list = store.list.bind(store);
    store.list = (path, options) => this.#pass(list(path, options));
  }

  /** Every listing stops when it has told so many entries, until `goOn` or `fail`. */
  hold(after: number): void {
    this.#after = after;
    this.#failure = undefined;
    this.#gate = new Gate();
  }

  /** Resolves when a listing has stopped. */
  async reached(): Promise<void> {
    await this.#gate?.reached(1);
  }

  goOn(): void {
    this.#gate?.open();
    this.#gate = undefined;
  }

  /** Those that have stopped fail, and so does every one that comes so far, until `hold` or `heal`. */
  fail(error: Error): void {
    this.#failure = error;
    this.#gate?.open();
  }

  heal(): void {
    this.#failure = undefined;
    this.goOn();
  }

  async *#pass(entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
    let told = 0;
    for await (const entry of entries) {
      if (told++ === this.#after) {
        await this.#gate?.pass();
        if (this.#failure !== undefined) throw this.#failure;
      }
      yield entry;
    }
  }
}
