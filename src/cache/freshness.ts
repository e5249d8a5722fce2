import { type Node, rootNode } from './node.ts';

/** After a failed listing, what is known is served for so long without asking again. */
const offlineTime = 10_000;
/** So long a listing is believed at the most because nothing was told of it: nobody is perfect. */
const longestTrust = 3_600_000;

/** Which listings may be believed, and for how long. */
export class Freshness {
  readonly #metadataTime: number;
  readonly #failedAt = new WeakMap<Node, number>();
  #followedSince = Infinity;
  #confirmedAt = 0;

  /** Milliseconds for which a listing is believed. */
  constructor(metadataTime: number) {
    this.#metadataTime = metadataTime;
  }

  /** Whether the names in a directory may be believed without asking. */
  isFresh(directory: Node): boolean {
    return this.freshFor(directory) > 0;
  }

  /** Milliseconds for which the names in a directory may still be believed without asking. Those of one that is only here always may. */
  freshFor(directory: Node): number {
    if (directory.synced === null && directory.id !== rootNode) return this.#metadataTime;
    const now = Date.now();
    const left = this.#asOf(directory) + this.#metadataTime - now;
    if (left > 0 || directory.listedAt === 0) return left;
    return (this.#failedAt.get(directory) ?? 0) + offlineTime - now;
  }

  /**
   * Of everything that was listed after `since`, the store has told what changed until `at`, and what it told is expired: the rest is
   * as good as listed again at that time.
   */
  confirm(since: number, at: number): void {
    this.#followedSince = since;
    this.#confirmedAt = at;
  }

  failed(directory: Node): void {
    this.#failedAt.set(directory, Date.now());
  }

  succeeded(directory: Node): void {
    this.#failedAt.delete(directory);
  }

  #asOf({ listedAt }: Node): number {
    if (listedAt <= this.#followedSince) return listedAt;
    return Math.max(listedAt, Math.min(this.#confirmedAt, listedAt + longestTrust));
  }
}
