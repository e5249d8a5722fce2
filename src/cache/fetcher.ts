import { isStoreError, StoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { LostVersion } from './lost-version.ts';
import type { Node } from './node.ts';
import { isSameVersion } from './remote-listing.ts';
import type { Tree } from './tree.ts';

/** Requests begin and end at multiples of this, so that neighbouring reads do not fetch crumbs. */
const blockBytes = 64 << 10;
/** A longer gap is fetched by several requests in parallel. */
const requestBytes = 4 << 20;
/** A whole file is brought in steps of this size, so that readers of other parts are not behind all of it. */
const completionBytes = 16 << 20;
const tries = 3;

interface Request {
  readonly start: number;
  readonly end: number;
}

interface Waiter {
  readonly start: number;
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What is on its way into one data file. */
interface Arrival {
  readonly requests: Set<Request>;
  readonly waiters: Set<Waiter>;
}

/**
 * Brings missing ranges of files from the store into their data files. Readers of the same bytes share one request, and each
 * goes on as soon as its own bytes are here. Bytes that were written meanwhile are never overwritten by older ones.
 */
export class Fetcher {
  readonly #tree: Tree;
  readonly #store: Store;
  readonly #holder: ContentHolder;
  readonly #recheck: (node: Node) => Promise<void>;
  readonly #arrivals = new Map<number, Arrival>();
  readonly #completing = new Map<Node, Promise<void>>();
  /** Nodes of which more is here than their rows say. */
  readonly #unsaved = new Set<Node>();
  readonly #closing = new AbortController();

  /** `recheck` asks the store again about a node whose version or place seems to have changed. */
  constructor(tree: Tree, store: Store, holder: ContentHolder, recheck: (node: Node) => Promise<void>) {
    this.#tree = tree;
    this.#store = store;
    this.#holder = holder;
    this.#recheck = recheck;
  }

  /** Resolves when `[start, end)` of the node's present content is here. */
  async fetch(node: Node, start: number, end: number, signal?: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#holder.bytesOf(node);
      try {
        await this.#fetchOnce(node, start, Math.min(end, node.size), signal);
        return;
      } catch (error) {
        const wasCut = isStoreError(error, 'Unavailable') || isStoreError(error, 'Corrupt');
        if (wasCut && this.#holder.bytesOf(node) > before) continue;
        if (!isStale(error) || attempt >= tries) throw error;
        await this.#recheck(node);
        if (!isLive(node) && (node.opens === 0 || node.synced === null)) throw error;
      }
    }
  }

  /** Begins to bring `[start, end)` without waiting. A failure is met again, and told, by whoever reads there. */
  prefetch(node: Node, start: number, end: number): void {
    this.#request(node, start, Math.min(end, node.size));
  }

  /** Resolves when the whole content is here. Callers at the same time share the work. */
  complete(node: Node): Promise<void> {
    let running = this.#completing.get(node);
    if (running === undefined) {
      running = this.#completeInOrder(node).finally(() => this.#completing.delete(node));
      this.#completing.set(node, running);
    }
    return running;
  }

  /** Begins to bring the whole content without waiting; whoever needs it calls `complete`, and is told of a failure there. */
  completeLater(node: Node): void {
    if (!this.#completing.has(node)) this.complete(node).catch(() => undefined);
  }

  async #completeInOrder(node: Node): Promise<void> {
    try {
      this.#holder.ensure(node);
      for (let at = 0; at < node.size && node.present !== null; at += completionBytes)
        await this.fetch(node, at, at + completionBytes, this.#closing.signal);
    } catch (error) {
      if (node.contentDirty && isStale(error)) throw new LostVersion(this.#tree.pathOf(node), error);
      throw error;
    }
  }

  /** Ends all requests; what has come so far is kept. */
  close(): void {
    for (const node of this.#unsaved) this.#save(node);
    this.#closing.abort(new StoreError('Unavailable', { message: 'the cache was closed' }));
  }

  #fetchOnce(node: Node, start: number, end: number, signal?: AbortSignal): Promise<void> {
    const arrival = this.#request(node, start, end);
    if (arrival === undefined || node.present === null || node.present.covers(start, end)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        arrival.waiters.delete(waiter);
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
      if (signal?.aborted) return reject(signal.reason);
      arrival.waiters.add(waiter);
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Starts requests for what is neither here nor on its way. */
  #request(node: Node, start: number, end: number): Arrival | undefined {
    const content = this.#holder.ensure(node);
    if (node.present === null || node.present.covers(start, end)) return undefined;
    let arrival = this.#arrivals.get(content);
    if (arrival === undefined) this.#arrivals.set(content, (arrival = { requests: new Set(), waiters: new Set() }));
    for (const request of this.#requestsFor(node, arrival, start, end)) {
      arrival.requests.add(request);
      void this.#run(node, content, arrival, request);
    }
    return arrival;
  }

  #requestsFor(node: Node, arrival: Arrival, start: number, end: number): Request[] {
    if (!this.#store.capabilities.rangedReads) return arrival.requests.size > 0 ? [] : [{ start: 0, end: node.size }];
    const from = start - (start % blockBytes);
    const to = Math.min(node.size, Math.ceil(end / blockBytes) * blockBytes);
    const wanted: Request[] = [];
    for (const gap of node.present?.missing(from, to) ?? []) {
      for (const piece of without(gap, arrival.requests)) {
        for (let at = piece.start; at < piece.end; at += requestBytes)
          wanted.push({ start: at, end: Math.min(piece.end, at + requestBytes) });
      }
    }
    return wanted;
  }

  async #run(node: Node, content: number, arrival: Arrival, request: Request): Promise<void> {
    this.#holder.contents.acquire(content);
    node.fetching++;
    try {
      await this.#transfer(node, content, arrival, request);
    } catch (error) {
      for (const waiter of arrival.waiters.values().toArray()) if (overlaps(waiter, request)) waiter.reject(error);
    } finally {
      arrival.requests.delete(request);
      if (arrival.requests.size === 0 && this.#arrivals.get(content) === arrival) this.#arrivals.delete(content);
      this.#holder.contents.release(content);
      node.fetching--;
      if (arrival.requests.size === 0 && !this.#closing.signal.aborted) this.#save(node);
    }
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

  async #transfer(node: Node, content: number, arrival: Arrival, request: Request): Promise<void> {
    const path = this.#tree.syncedPathOf(node);
    const { entry, body } = await this.#store.read(path, {
      offset: request.start,
      length: request.end - request.start,
      ifRevision: this.#store.capabilities.preconditions === 'none' ? undefined : node.synced?.revision,
      signal: this.#closing.signal,
    });
    const isExpected = node.synced !== null && isSameVersion(node.synced, entry);
    let at = request.start;
    for await (const chunk of body) {
      if (!isExpected || node.content !== content)
        throw new StoreError('Conflict', { path, operation: 'read', message: 'the file was replaced meanwhile' });
      this.#fill(node, at, chunk);
      at += chunk.length;
      for (const waiter of arrival.waiters.values().toArray()) {
        if (node.present === null || node.present.covers(waiter.start, Math.min(waiter.end, node.size)))
          waiter.resolve();
      }
    }
    if (at < Math.min(request.end, node.synced?.size ?? 0)) {
      throw new StoreError('Corrupt', {
        path,
        operation: 'read',
        message: `${request.end - at} bytes are missing in the answer`,
      });
    }
  }

  #fill(node: Node, at: number, chunk: Uint8Array): void {
    const end = Math.min(at + chunk.length, node.size);
    for (const gap of node.present?.missing(at, end) ?? []) {
      this.#holder.contents.write(node.content, chunk.subarray(gap.start - at, gap.end - at), gap.start);
      this.#holder.arrived(node, gap.start, gap.end);
      this.#unsaved.add(node);
    }
  }
}

/** The store has another version, or none. */
function isStale(error: unknown): boolean {
  return isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound');
}

function overlaps(a: Request, b: Request): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The parts of `gap` that none of the requests brings. */
function without(gap: Request, requests: ReadonlySet<Request>): Request[] {
  let parts: Request[] = [gap];
  for (const taken of requests) {
    parts = parts.flatMap((part) =>
      overlaps(part, taken)
        ? [
            { start: part.start, end: Math.max(part.start, taken.start) },
            { start: Math.min(part.end, taken.end), end: part.end },
          ].filter(({ start, end }) => start < end)
        : [part],
    );
  }
  return parts;
}
