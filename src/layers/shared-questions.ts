import { isStoreError } from '../store/errors.ts';
import type { Entry, Store } from '../store/store.ts';
import type { KnownMetadata } from './known-metadata.ts';
import { isCurrent, type PendingAnswer } from './pending-answers.ts';
import { SharedCall } from './shared-call.ts';
import { type ListingEnd, SharedListing } from './shared-listing.ts';

interface Running<T> {
  readonly pending: PendingAnswer;
  readonly shared: T;
}

/** Asks a store, once for everybody who wants to know the same at the same time, and remembers what it answers. */
export class SharedQuestions {
  readonly #store: Store;
  readonly #known: KnownMetadata;
  readonly #maxEntries: number;
  readonly #stats = new Map<string, Running<SharedCall<Entry>>>();
  readonly #listings = new Map<string, Running<SharedListing>>();

  /** Listings of more than `maxEntries` are handed on, and not remembered. */
  constructor(store: Store, known: KnownMetadata, maxEntries: number) {
    this.#store = store;
    this.#known = known;
    this.#maxEntries = maxEntries;
  }

  /** The store's `stat`. */
  stat(path: string, signal: AbortSignal | undefined): Promise<Entry> {
    const running = this.#stats.get(path);
    if (running !== undefined && !running.shared.abandoned && this.#isCurrent(running.pending)) {
      return running.shared.wait(signal);
    }
    const pending = this.#known.begin('entry', path);
    const shared = new SharedCall((shared) => this.#askStore(path, pending, shared));
    this.#stats.set(path, { pending, shared });
    return shared.wait(signal);
  }

  async #askStore(path: string, pending: PendingAnswer, signal: AbortSignal): Promise<Entry> {
    try {
      const entry = await this.#store.stat(path, { signal });
      this.#known.answerEntry(pending, path, entry);
      return entry;
    } catch (error) {
      if (isStoreError(error, 'NotFound')) this.#known.answerEntry(pending, path, 'absent');
      throw error;
    } finally {
      this.#known.end(pending);
      if (this.#stats.get(path)?.pending === pending) this.#stats.delete(path);
    }
  }

  /** The store's listing of a directory; read it at once. */
  listing(directory: string): SharedListing {
    const running = this.#listings.get(directory);
    if (running?.shared.joinable === true && this.#isCurrent(running.pending)) return running.shared;
    const pending = this.#known.begin('listing', directory);
    const shared = new SharedListing({
      open: (signal) => this.#store.list(directory, { signal }),
      limit: this.#maxEntries,
      onEnd: (end) => {
        this.#rememberListing(directory, pending, end);
        this.#known.end(pending);
        if (this.#listings.get(directory)?.pending === pending) this.#listings.delete(directory);
      },
    });
    this.#listings.set(directory, { pending, shared });
    return shared;
  }

  #rememberListing(directory: string, pending: PendingAnswer, end: ListingEnd): void {
    if ('error' in end) {
      if (isStoreError(end.error, 'NotFound')) this.#known.answerEntry(pending, directory, 'absent');
    } else if (end.entries !== 'too many') {
      this.#known.answerListing(pending, directory, end.entries);
    }
  }

  #isCurrent(pending: PendingAnswer): boolean {
    return isCurrent(pending) && this.#known.isFresh(pending.at);
  }
}
