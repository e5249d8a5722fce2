import type { ByteRange } from '../store/store.ts';
import type { Node } from './node.ts';
import { overlaps } from './ranges.ts';

interface Waiter extends ByteRange {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What is on its way into one data file, and who waits for which bytes of it. */
export class Arrival {
  readonly node: Node;
  /** The data file: the node may get another. */
  readonly content: number;
  /** Those that still have something to bring. */
  readonly requests: Set<RangeRequest> = new Set();
  readonly #waiters = new Set<Waiter>();
  #ended: (() => Error) | undefined;

  constructor(node: Node, content: number) {
    this.node = node;
    this.content = content;
  }

  /**
   * Resolves when `advanced` finds the range here; rejects with what a request for it failed with, with the reason of `end`, or with
   * the signal's.
   */
  wait({ start, end }: ByteRange, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#ended !== undefined) return reject(this.#ended());
      const settle = (how: () => void): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', aborted);
        how();
      };
      const waiter: Waiter = {
        start,
        end,
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      const aborted = (): void => waiter.reject(signal?.reason);
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Bytes have come: wakes who has all of his. */
  advanced(isHere: (start: number, end: number) => boolean): void {
    for (const waiter of this.#waiters) if (isHere(waiter.start, waiter.end)) waiter.resolve();
  }

  /** A request brings nothing any more: tells those who waited for it. */
  failed(request: ByteRange, error: unknown): void {
    for (const waiter of this.#waiters) if (overlaps(waiter, request)) waiter.reject(error);
  }

  /** Nothing is on its way any more: who still waits would do so for ever. */
  end(reason: () => Error): void {
    this.#ended = reason;
    for (const waiter of this.#waiters) waiter.reject(reason());
  }

  /** Whether somebody waits for bytes that the request still has to bring. */
  isAwaited({ at, end }: RangeRequest): boolean {
    for (const waiter of this.#waiters) if (overlaps(waiter, { start: at, end })) return true;
    return false;
  }
}

/**
 * Somebody whose reading brings requests about: a stream of one open file, a walk through a directory. When he has lost interest,
 * what nobody else wants is not fetched any more.
 */
export class Interest {
  readonly requests: Set<RangeRequest> = new Set();
}

/** One request for a range of a file, from the plan to its last byte. */
export class RangeRequest implements ByteRange {
  readonly arrival: Arrival;
  readonly #abort = new AbortController();
  readonly #interests = new Set<Interest>();
  #start: number;
  #end: number;
  /** Its bytes have come up to here. */
  at: number;
  /** It was given to the store. */
  hasBegun = false;
  /** Nobody wanted it any more: who wants its bytes now has another request for them. */
  isGivenUp = false;

  constructor(arrival: Arrival, { start, end }: ByteRange) {
    this.arrival = arrival;
    this.#start = this.at = start;
    this.#end = end;
    arrival.requests.add(this);
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isWanted(): boolean {
    return this.#interests.size > 0;
  }

  wantedBy(interest: Interest): void {
    this.#interests.add(interest);
    interest.requests.add(this);
  }

  notWantedBy(interest: Interest): void {
    this.#interests.delete(interest);
    interest.requests.delete(this);
  }

  /** Before it begins: brings less. */
  shrink(start: number, end: number): void {
    this.#start = this.at = start;
    this.#end = end;
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /** It brings nothing any more, whatever the reason. */
  over(): void {
    this.arrival.requests.delete(this);
    for (const interest of this.#interests) interest.requests.delete(this);
    this.#interests.clear();
  }
}
