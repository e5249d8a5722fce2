import { setTimeout as pause } from 'node:timers/promises';
import { isStoreError } from '../store/errors.ts';
import type { Changes, Store } from '../store/store.ts';
import type { FeedTable, FollowedFeed } from './feed-table.ts';
import type { RemoteListing } from './remote-listing.ts';
import { ToldChanges } from './told-changes.ts';
import type { Tree } from './tree.ts';

/** What a `ChangeFeed` works with. */
export interface ChangeFeedParts {
  readonly tree: Tree;
  readonly store: Store;
  readonly listing: RemoteListing;
  readonly table: FeedTable;
  /** Milliseconds between two questions, where the store does not wait for changes itself. */
  readonly interval: number;
  /** Milliseconds for which a store that can waits for changes before it answers that there were none. */
  readonly wait: number;
}

/** Between two answers of a store that waits: what comes soon comes together. */
const shortestPause = 2_000;
/** After failures, at the most. */
const longestPause = 120_000;

/**
 * Follows what the store tells of changes. What others changed is then seen soon, and what nobody changed need not be listed again.
 *
 * The crash story: a position is kept when everything that was told before it is expired, so that a restart goes on from there.
 */
export class ChangeFeed {
  readonly #parts: ChangeFeedParts;
  readonly #closing = new AbortController();
  #followed: FollowedFeed | undefined;
  #failures = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: ChangeFeedParts) {
    this.#parts = parts;
  }

  /** Begins, where the store tells its changes. */
  start(): void {
    if (this.#parts.store.capabilities.changes === 'none') return;
    this.#followed = this.#parts.table.load();
    this.#running = this.#run();
  }

  /** Resolves when nothing is asked any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const isMore = await this.#ask();
      if (!isMore) await this.#pause();
    }
  }

  /** Whether there is more to ask for at once. */
  async #ask(): Promise<boolean> {
    const { store } = this.#parts;
    const { signal } = this.#closing;
    const asked = Date.now();
    try {
      const wait = this.#failures === 0 ? this.#parts.wait : 0;
      const answer = await store.changes(this.#followed?.position, { wait, signal });
      await this.#take(answer, asked);
      this.#failures = 0;
      return answer.more;
    } catch (error) {
      if (this.#isClosed) return false;
      if (!isStoreError(error)) throw error;
      this.#failures++;
      return false;
    }
  }

  async #take({ told, position, more, everything, until }: Changes, asked: number): Promise<void> {
    const { tree, store, listing, table } = this.#parts;
    const changes = new ToldChanges(tree, listing, store.capabilities.caseSensitive);
    await changes.take(everything ? [...told, { path: '/' }] : told);
    if (this.#isClosed) return;
    const since = everything ? undefined : this.#followed?.since;
    // A listing that began before the position may have seen less than what is told from there on.
    if (since === undefined) await listing.whenListed();
    this.#followed = { position, since: since ?? Date.now() };
    table.save(this.#followed);
    if (!more) listing.freshness.confirm(this.#followed.since, until ?? asked);
  }

  /** Ends early when the feed is closed. */
  async #pause(): Promise<void> {
    const { store, interval } = this.#parts;
    const usual = store.capabilities.changes === 'wait' ? Math.min(interval, shortestPause) : interval;
    const length = Math.min(longestPause, usual * 2 ** Math.min(this.#failures, 10));
    await pause(length, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}
