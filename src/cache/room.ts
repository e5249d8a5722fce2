import { StoreError } from '../store/errors.ts';
import { RoomQueue } from './room-queue.ts';
import { SlowDown } from './slow-down.ts';

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
  /** Bytes by which contents that are only read may pass the hard limit. @default Infinity */
  readonly readMargin?: number | undefined;
  /** They have passed it. Called again and again while they do. */
  readonly onOverfull?: (() => void) | undefined;
  /** A writer waits for room, which uploads would make. Called again and again while it does. */
  readonly onWait: () => void;
}

/** When nothing could be evicted, a writer above the soft limit does not ask again before this. */
const evictionPause = 500;
/** Uploads are asked to hurry so often while writers are slowed down. */
const hurryPause = 500;

/**
 * The account of the bytes in the cache. Who makes content grow takes room first; who drops content gives it back. Writers are slowed down the
 * more the nearer the hard limit is; see `SlowDown`.
 */
export class Room {
  readonly #options: RoomOptions;
  readonly #slowDown = new SlowDown();
  readonly #queue: RoomQueue;
  #bytes: number;
  #noEvictionBefore = 0;
  #noHurryBefore = 0;

  constructor(bytes: number, options: RoomOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#queue = new RoomQueue({
      patience: options.patience,
      take: (wanted) => this.#takeIfThere(wanted),
      makeRoom: (wanted) => this.#makeRoom(wanted),
      refusal: () => this.#full(),
    });
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
    const { hardMaxBytes, readMargin = Infinity, onOverfull } = this.#options;
    if (this.#bytes > hardMaxBytes + readMargin) onOverfull?.();
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
   * Takes room for data of the user. Above the soft limit it may resolve later, so that the writer has the pace of the uploads. Above the hard
   * limit it waits for uploads to make room, and rejects with `QuotaExceeded` when nothing does. Throws it at once for more than
   * the hard limit, which no upload can make room for.
   */
  take(bytes: number, waiter?: { readonly signal?: AbortSignal | undefined }): void | Promise<void> {
    if (bytes <= 0) return undefined;
    if (bytes > this.#options.hardMaxBytes) throw this.#full();
    if (!this.#queue.isEmpty || !this.#takeIfThere(bytes)) return this.#queue.wait(bytes, waiter?.signal);
    const pause = this.#slowDown.pauseFor(bytes, this.#fullness, Date.now());
    if (pause === 0) return undefined;
    this.#hurry();
    return this.#pause(pause, bytes, waiter?.signal);
  }

  give(bytes: number): void {
    if (bytes > 0) this.#slowDown.given(bytes, Date.now());
    this.#bytes = Math.max(0, this.#bytes - bytes);
    if (bytes > 0) this.#queue.given();
  }

  /** How far it is from the soft limit, 0, to the hard one, 1. */
  get #fullness(): number {
    const { maxBytes, hardMaxBytes } = this.#options;
    return hardMaxBytes > maxBytes ? (this.#bytes - maxBytes) / (hardMaxBytes - maxBytes) : 0;
  }

  #takeIfThere(bytes: number): boolean {
    this.#bytes += bytes;
    this.#keepSoftLimit();
    if (this.#bytes <= this.#options.hardMaxBytes) return true;
    this.#bytes -= bytes;
    return false;
  }

  #makeRoom(bytes: number): void {
    this.#options.onWait();
    const excess = this.#bytes + bytes - this.#options.hardMaxBytes;
    if (excess > 0) this.#options.evict(excess);
  }

  #hurry(): void {
    if (Date.now() < this.#noHurryBefore) return;
    this.#noHurryBefore = Date.now() + hurryPause;
    this.#options.onWait();
  }

  /** The room is taken already; who gives up gives it back. */
  async #pause(length: number, bytes: number, signal?: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, length);
    const abort = (): void => over.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      await over.promise;
    } catch (error) {
      this.give(bytes);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
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
