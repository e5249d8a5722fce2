import { isStoreError, StoreError } from '../store/errors.ts';
import type { ByteRange, FileEntry, ReadOptions, Store } from '../store/store.ts';
import type { ContentHolder } from './content-holder.ts';
import { FetchQueue } from './fetch-queue.ts';
import type { Node } from './node.ts';
import { Arrival, type Interest, RangeRequest } from './arrival.ts';
import { isSameVersion } from './synced-entry.ts';
import { overlaps } from './ranges.ts';
import { planRequests, type RequestPlan, type WantedRange } from './request-plan.ts';
import type { Tree } from './tree.ts';

/** A request that has no more than this to bring is ended rather than given up, which costs its connection. */
const worthEnding = 256 << 10;
/** A whole file of up to this size is readable when all of it has come and its store has found nothing wrong with it. */
const heldBytes = 4 << 20;

/** What a range comes with. */
export interface Expected {
  readonly arrival: Arrival;
  /** All of it by requests that were made for somebody else, or in advance. */
  readonly isShared: boolean;
}

/** The requests for contents that are under way or wait for their turn, and the way of their bytes into the data files. */
export class Transfers {
  readonly #tree: Tree;
  readonly #store: Store;
  readonly #holder: ContentHolder;
  readonly #told: (node: Node, entry: FileEntry) => void;
  readonly #arrivals = new Map<number, Arrival>();
  readonly #queue: FetchQueue<RangeRequest> = new FetchQueue((request) => this.#run(request));
  /** Nodes of which more is here than their rows say. */
  readonly #unsaved = new Set<Node>();
  #closed: StoreError | undefined;

  /** `told` hears what comes with the content of a version that is known. */
  constructor(tree: Tree, store: Store, holder: ContentHolder, told: (node: Node, entry: FileEntry) => void) {
    this.#tree = tree;
    this.#store = store;
    this.#holder = holder;
    this.#told = told;
  }

  /**
   * Sees to it that a range comes: begins requests for what somebody waits for, and puts what is fetched in advance into the queue.
   * Answers what to wait for; undefined where all of it is here. Throws `Unavailable` after `close`, and as `ContentHolder.ensure`.
   */
  want(node: Node, range: Pick<WantedRange, 'start' | 'end' | 'ahead'>, interest: Interest): Expected | undefined {
    if (this.#closed !== undefined) throw this.#closed;
    const content = this.#holder.ensure(node);
    // Little may be fetched in advance, and then less than is wanted now.
    const ahead = Math.min(node.size, Math.max(range.end, range.ahead));
    if (node.present === null || node.present.covers(range.start, ahead)) return undefined;
    const arrival = this.#arrivals.get(content) ?? this.#begin(node, content);
    const plan = this.#plan({ ...range, ahead, size: node.size, present: node.present }, arrival);
    for (const request of plan.promoted) if (this.#queue.remove(request)) void this.#run(request);
    const wanted = { start: range.start, end: Math.max(range.end, ahead) };
    for (const request of arrival.requests) if (overlaps(request, wanted)) request.wantedBy(interest);
    const made = (piece: { start: number; end: number }): RangeRequest => {
      const request = new RangeRequest(arrival, piece);
      request.wantedBy(interest);
      return request;
    };
    for (const request of plan.urgent.map(made)) void this.#run(request);
    for (const request of plan.later.map(made)) this.#queue.add(request);
    this.#endIfOver(arrival);
    return { arrival, isShared: plan.urgent.length === 0 };
  }

  /** Gives up what was to be fetched for somebody who has lost interest, as far as nobody else wants it. */
  abandon(interest: Interest): void {
    for (const request of interest.requests) {
      request.notWantedBy(interest);
      if (!request.isWanted && !request.arrival.isAwaited(request)) this.#giveUp(request);
    }
  }

  /** Ends all requests; what has come so far is kept. */
  close(): void {
    this.#closed = new StoreError('Unavailable', { message: 'the cache was closed' });
    for (const node of this.#unsaved) this.#save(node);
    for (const arrival of this.#arrivals.values()) {
      for (const request of arrival.requests) {
        if (this.#queue.remove(request)) this.#over(request);
        else request.abort(this.#closed);
      }
    }
  }

  /** A store that reads whole files only gets one request a file. */
  #plan(wanted: WantedRange, { requests }: Arrival): RequestPlan {
    if (this.#store.capabilities.rangedReads) return planRequests(wanted, requests);
    const promoted = wanted.start < wanted.end ? [...requests].filter(({ hasBegun }) => !hasBegun) : [];
    const whole = requests.size > 0 ? [] : [{ start: 0, end: wanted.size }];
    return wanted.start < wanted.end ? { urgent: whole, later: [], promoted } : { urgent: [], later: whole, promoted };
  }

  #giveUp(request: RangeRequest): void {
    const isQueued = this.#queue.remove(request);
    if (!isQueued && request.end - request.at <= worthEnding) return;
    request.isGivenUp = true;
    this.#over(request);
    request.abort(new StoreError('Unavailable', { operation: 'read', message: 'nobody reads on' }));
  }

  /** The data file stays open as long as anything is on its way into it: opening it is most of what a small file costs here. */
  #begin(node: Node, content: number): Arrival {
    const arrival = new Arrival(node, content);
    this.#arrivals.set(content, arrival);
    this.#holder.contents.acquire(content);
    return arrival;
  }

  #over(request: RangeRequest): void {
    request.over();
    this.#endIfOver(request.arrival);
  }

  #endIfOver(arrival: Arrival): void {
    const { requests, content } = arrival;
    if (requests.size > 0 || this.#arrivals.get(content) !== arrival) return;
    this.#arrivals.delete(content);
    this.#holder.contents.release(content);
    arrival.end(() => this.#closed ?? this.#unfulfilled(arrival));
  }

  /** Why somebody may wait for bytes that no request brings. */
  #unfulfilled({ node, content }: Arrival): StoreError {
    const details = { path: this.#tree.pathOf(node), operation: 'read' } as const;
    if (node.content !== content)
      return new StoreError('Conflict', { ...details, message: 'the file was replaced meanwhile' });
    return new StoreError('Corrupt', { ...details, message: 'bytes are missing that the store does not have' });
  }

  async #run(request: RangeRequest): Promise<void> {
    const { arrival } = request;
    const { node, content } = arrival;
    if (!this.#shrink(request)) return this.#over(request);
    request.hasBegun = true;
    this.#holder.contents.acquire(content);
    node.fetching++;
    try {
      await this.#transfer(request);
      this.#over(request);
    } catch (error) {
      if (!request.isGivenUp) arrival.failed(request, error);
      this.#over(request);
    } finally {
      this.#holder.contents.release(content);
      node.fetching--;
      if (arrival.requests.size === 0 && this.#closed === undefined) this.#save(node);
    }
  }

  /** Leaves out, at both ends, what has come since the request was planned. Answers whether anything is left to bring. */
  #shrink(request: RangeRequest): boolean {
    const { node, content } = request.arrival;
    if (node.content !== content || node.present === null) return false;
    if (!this.#store.capabilities.rangedReads) return true;
    const gaps = node.present.missing(request.start, Math.min(request.end, node.size));
    const [first, last] = [gaps[0], gaps.at(-1)];
    if (first === undefined || last === undefined) return false;
    request.shrink(first.start, last.end);
    return true;
  }

  async #transfer(request: RangeRequest): Promise<void> {
    const { arrival } = request;
    const { node, content } = arrival;
    const path = this.#tree.syncedPathOf(node);
    const asked = node.synced;
    const options = this.#optionsOf(node, request);
    const { entry, body } = await this.#store.read(path, options);
    const isExpected = node.synced !== null && isSameVersion(node.synced, entry);
    // What was changed at the store since then is newer than the answer.
    if (isExpected && node.synced === asked && !node.sending) this.#told(node, entry);
    const assertCurrent = (): void => {
      if (!isExpected || node.content !== content)
        throw new StoreError('Conflict', { path, operation: 'read', message: 'the file was replaced meanwhile' });
    };
    const isHeld = options.offset === undefined && request.end - request.start <= heldBytes;
    await this.#receive(request, body, isHeld, assertCurrent);
    const left = Math.min(request.end, node.synced?.size ?? 0) - request.at;
    if (left > 0)
      throw new StoreError('Corrupt', { path, operation: 'read', message: `${left} bytes are missing in the answer` });
  }

  /** Takes in what a request brings: held until its end, because its store may find only then that something is wrong with it, or as it comes. */
  async #receive(
    request: RangeRequest,
    body: AsyncIterable<Uint8Array>,
    isHeld: boolean,
    assertCurrent: () => void,
  ): Promise<void> {
    const { node, content } = request.arrival;
    let at = request.at;
    try {
      for await (const chunk of body) {
        assertCurrent();
        this.#put(node, at, chunk);
        at += chunk.length;
        if (!isHeld) this.#arrived(request, at);
      }
    } catch (error) {
      // What is wrong may be anywhere in it; what was only cut off is as good as a range.
      if (!isStoreError(error, 'Corrupt') && node.content === content) this.#arrived(request, at);
      throw error;
    }
    if (at > request.at) assertCurrent();
    this.#arrived(request, at);
  }

  /** A file that is wanted whole is asked for without a range: then its bytes can be compared with the sum that services keep. */
  #optionsOf({ synced }: Node, { start, end, signal }: RangeRequest): ReadOptions {
    const isWhole = start === 0 && synced !== null && end >= synced.size;
    return {
      ...(isWhole ? {} : { offset: start, length: end - start }),
      ifRevision: this.#store.capabilities.preconditions === 'none' ? undefined : synced?.revision,
      signal,
    };
  }

  /** Brings bytes into the data file, but for those that were written here. They are not readable yet. */
  #put(node: Node, at: number, chunk: Uint8Array): void {
    for (const gap of missing(node, at, at + chunk.length))
      this.#holder.contents.write(node.content, chunk.subarray(gap.start - at, gap.end - at), gap.start);
  }

  /** What a request brought up to `end` can be read. */
  #arrived(request: RangeRequest, end: number): void {
    const { node } = request.arrival;
    for (const gap of missing(node, request.at, end)) {
      this.#holder.arrived(node, gap.start, gap.end);
      this.#unsaved.add(node);
    }
    request.at = end;
    request.arrival.advanced((start, to) => node.present?.covers(start, Math.min(to, node.size)) ?? true);
  }

  /** Notes what has come, which is not worth a commit for every chunk. */
  #save(node: Node): void {
    if (!this.#unsaved.delete(node) || node.present === null) return;
    try {
      this.#tree.save(node);
    } catch (error) {
      // On a full disk it is fetched again after a restart.
      if (!isStoreError(error, 'QuotaExceeded')) throw error;
    }
  }
}

/** The parts of a range of a node's content that are neither here nor beyond its end. */
function missing({ present, size }: Node, start: number, end: number): ByteRange[] {
  return present?.missing(start, Math.min(end, size)) ?? [];
}
