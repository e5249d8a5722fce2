import { StoreError } from '../store/errors.ts';

/** The limits of a cache, and how room is made. */
export interface RoomOptions {
  /** Bytes that are kept by evicting clean content. */
  readonly maxBytes: number;
  /** Bytes above which writers wait, and in the end fail. */
  readonly hardMaxBytes: number;
  /** How long a writer waits for room, in milliseconds. */
  readonly patience: number;
  /** Drops clean content of about so many bytes and gives them back by `give`. */
  readonly evict: (bytes: number) => void;
  /** A writer waits for room, which uploads would make. Called again and again while it does. */
  readonly onWait: () => void;
}

/** How often a waiting writer looks again; uploads that succeed make content evictable without telling. */
const lookAgain = 100;
/** When nothing could be evicted, a writer above the soft limit does not ask again before this. */
const evictionPause = 500;

/** The account of the bytes in the cache. Who makes content grow takes room first; who drops content gives it back. */
export class Room {
  readonly #options: RoomOptions;
  #bytes: number;
  #noEvictionBefore = 0;

  constructor(bytes: number, options: RoomOptions) {
    this.#bytes = bytes;
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so many more bytes have room without evicting any. */
  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#options.maxBytes;
  }

  get hardMaxBytes(): number {
    return this.#options.hardMaxBytes;
  }

  /** Evicts what is too much, now that more may be clean, or used by nobody. */
  trim(): void {
    this.#noEvictionBefore = 0;
    this.#keepSoftLimit();
  }

  /** Takes room for data that comes from the store and is clean at once: it may pass the limits, and pushes older content out. */
  takeForClean(bytes: number): void {
    this.#bytes += bytes;
    this.#keepSoftLimit();
  }

  /** Takes room for what somebody has written already, past us: it may pass the limits, and then uploads are hurried. */
  takeUnasked(bytes: number): void {
    this.takeForClean(bytes);
    if (this.#bytes > this.#options.hardMaxBytes) this.#options.onWait();
  }

  /** Whether so much waits for upload that who writes past us could pass the hard limit before we see it. */
  get isShort(): boolean {
    const { maxBytes, hardMaxBytes } = this.#options;
    return this.#bytes > Math.min(hardMaxBytes, (maxBytes + hardMaxBytes) / 2);
  }

  /**
   * Takes room for data of the user. Above the hard limit it waits for uploads to make room, and rejects with
   * `QuotaExceeded` when that takes too long. Throws it at once for more than the hard limit, which no upload can make room for.
   */
  take(bytes: number, waiter?: { readonly signal?: AbortSignal | undefined }): void | Promise<void> {
    if (bytes <= 0) return undefined;
    if (bytes > this.#options.hardMaxBytes) throw this.#full();
    this.#bytes += bytes;
    this.#keepSoftLimit();
    if (this.#bytes <= this.#options.hardMaxBytes) return undefined;
    this.#bytes -= bytes;
    return this.#wait(bytes, waiter?.signal);
  }

  give(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
  }

  async #wait(bytes: number, signal?: AbortSignal): Promise<void> {
    const { hardMaxBytes, patience, evict, onWait } = this.#options;
    for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
      signal?.throwIfAborted();
      onWait();
      await new Promise((resolve) => setTimeout(resolve, lookAgain));
      if (this.#bytes + bytes > hardMaxBytes) evict(this.#bytes + bytes - hardMaxBytes);
      if (this.#bytes + bytes > hardMaxBytes) continue;
      this.#bytes += bytes;
      return;
    }
    throw this.#full();
  }

  #full(): StoreError {
    return new StoreError('QuotaExceeded', {
      message: `the cache holds ${this.#bytes} bytes that are not uploaded yet; its hard limit is ${this.#options.hardMaxBytes}`,
    });
  }

  #keepSoftLimit(): void {
    const excess = this.#bytes - this.#options.maxBytes;
    if (excess <= 0 || Date.now() < this.#noEvictionBefore) return;
    this.#options.evict(excess);
    if (this.#bytes > this.#options.maxBytes) this.#noEvictionBefore = Date.now() + evictionPause;
  }
}
