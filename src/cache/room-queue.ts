/** Somebody who waits for room. */
interface Waiter {
  readonly bytes: number;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** What a `RoomQueue` asks for. */
export interface RoomQueueOptions {
  /** How long is waited while nothing makes room, in milliseconds. */
  readonly patience: number;
  /** Takes room for so many bytes, if there is. */
  readonly take: (bytes: number) => boolean;
  /** Called again and again while somebody waits: makes room for so many bytes, or sees that others do. */
  readonly makeRoom: (bytes: number) => void;
  /** What who waited in vain is told. */
  readonly refusal: () => Error;
}

/** How often is looked again; uploads that succeed make content evictable without telling. */
const lookAgain = 100;

/** Writers above the hard limit, in the order in which they came. As long as room is made at all, everybody gets his turn. */
export class RoomQueue {
  readonly #options: RoomQueueOptions;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #lastGiven = 0;

  constructor(options: RoomQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** Resolves when room for so many bytes is taken. Rejects with the signal's reason, or when nothing has made room for too long. */
  async wait(bytes: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { bytes, since: Date.now(), resolve, reject };
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiters.add(waiter);
    this.#look();
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', abort);
      if (this.isEmpty) this.#rest();
    }
  }

  /** Room was made. */
  given(): void {
    this.#lastGiven = Date.now();
    // Whoever gave it is in the middle of something.
    if (!this.isEmpty) queueMicrotask(() => this.#serve());
  }

  #look(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const [first] = this.#waiters;
      if (first === undefined) return;
      this.#options.makeRoom(first.bytes);
      this.#serve();
      this.#refuse();
      if (!this.isEmpty) this.#look();
    }, lookAgain);
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      if (!this.#options.take(waiter.bytes)) return;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #refuse(): void {
    const { patience, refusal } = this.#options;
    for (const waiter of this.#waiters) {
      if (Date.now() < Math.max(waiter.since, this.#lastGiven) + patience) continue;
      this.#waiters.delete(waiter);
      waiter.reject(refusal());
    }
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
