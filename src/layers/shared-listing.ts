import type { Entry } from '../store/store.ts';
import { untilAborted } from './until-aborted.ts';

/** Options of `SharedListing`. */
export interface SharedListingOptions {
  readonly open: (signal: AbortSignal) => AsyncIterable<Entry>;
  /** Entries that are kept. A longer listing is still handed on, but not shared with more readers. */
  readonly limit: number;
  /** Called once, when the listing has ended. */
  readonly onEnd: (end: ListingEnd) => void;
}

/** All entries, or that there were more than the limit; or why there are not all of them. */
export type ListingEnd =
  | { readonly entries: readonly Entry[] | 'too many' }
  | { readonly error: unknown; readonly abandoned: boolean };

/**
 * One listing that streams to several readers, each at its own pace: the fastest pulls, the others follow from memory. A reader
 * whose signal aborts, or who leaves, leaves alone; the listing itself is aborted when the last one has left.
 */
export class SharedListing {
  readonly #options: SharedListingOptions;
  readonly #controller = new AbortController();
  #iterator: AsyncIterator<Entry> | undefined;
  readonly #readers = new Set<Reader>();
  #kept: Entry[] = [];
  /** Entries that every reader has passed, and that are no longer kept. */
  #dropped = 0;
  #pull: Promise<void> | undefined;
  #end: ListingEnd | undefined;

  constructor(options: SharedListingOptions) {
    this.#options = options;
  }

  /** Whether another reader would get every entry. */
  get joinable(): boolean {
    return this.#dropped === 0 && this.#end === undefined;
  }

  /** All entries from the first. Read it at once: nobody waits for a reader that has not begun. */
  async *entries(signal: AbortSignal | undefined): AsyncGenerator<Entry> {
    const reader: Reader = { position: 0 };
    this.#readers.add(reader);
    try {
      for (;;) {
        signal?.throwIfAborted();
        const entry = this.#kept[reader.position - this.#dropped];
        if (entry !== undefined) {
          reader.position += 1;
          this.#dropPassed();
          yield entry;
        } else if (this.#end === undefined) {
          await untilAborted(this.#more(), signal);
        } else if ('error' in this.#end) {
          throw this.#end.error;
        } else {
          return;
        }
      }
    } finally {
      this.#readers.delete(reader);
      this.#abandonIfUnread();
    }
  }

  #more(): Promise<void> {
    this.#pull ??= this.#pullOne().finally(() => {
      this.#pull = undefined;
    });
    return this.#pull;
  }

  async #pullOne(): Promise<void> {
    try {
      this.#iterator ??= this.#options.open(this.#controller.signal)[Symbol.asyncIterator]();
      const step = await this.#iterator.next();
      if (step.done !== true) this.#kept.push(step.value);
      else this.#finish({ entries: this.#dropped === 0 ? this.#kept : 'too many' });
    } catch (error) {
      this.#finish({ error, abandoned: false });
    }
  }

  #finish(end: ListingEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#options.onEnd(end);
  }

  /** Beyond the limit only what some reader still needs is kept. */
  #dropPassed(): void {
    if (this.#dropped === 0 && this.#kept.length <= this.#options.limit) return;
    const slowest = Math.min(...[...this.#readers].map(({ position }) => position));
    this.#kept.splice(0, slowest - this.#dropped);
    this.#dropped = slowest;
  }

  #abandonIfUnread(): void {
    if (this.#readers.size > 0 || this.#end !== undefined) return;
    this.#controller.abort();
    this.#finish({ error: this.#controller.signal.reason, abandoned: true });
    this.#iterator?.return?.().catch(() => {
      // The last reader has left; how the listing ends is of no interest to anybody.
    });
  }
}

interface Reader {
  /** Entries it has received. */
  position: number;
}
