import { isStoreError } from '../store/errors.ts';
import type { Capabilities, FileEntry, Store } from '../store/store.ts';
import { isTimedOut } from '../store/timed-out.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import { LostVersion } from './lost-version.ts';
import type { Node } from './node.ts';
import { Interest } from './arrival.ts';
import { PlaceAttempts } from './place-attempts.ts';
import { Transfers } from './transfers.ts';
import type { Tree } from './tree.ts';
import { unchangedParts } from './unchanged-parts.ts';

/** A whole file is brought in steps of this size, with so much more on its way: readers of other parts are not behind all of it. */
const completionBytes = 4 << 20;
const completionAhead = 32 << 20;
/** What comes with wrong bytes is asked for so often; providers that notice it soon enough have tried by themselves before. */
const corruptTries = 3;

/** Options of `Fetcher.fetch`. */
export interface FetchOptions {
  /** Ends the waiting, which then rejects with its reason; the requests go on. */
  readonly signal?: AbortSignal | undefined;
  /** What follows is brought in advance up to here. @default nothing */
  readonly ahead?: number | undefined;
  /** For whom; see `abandon`. @default somebody who never loses interest */
  readonly interest?: Interest | undefined;
  /** No other version will do than the one that the store is known to have: it is not looked for. @default false */
  readonly exact?: boolean | undefined;
}

/** What a file that was changed here before all of it was fetched lacks. */
export interface MissingParts {
  /** Resolves when a range is here, with what follows up to `ahead` on its way. Throws `LostVersion`. */
  readonly bring: (start: number, end: number, ahead: number) => Promise<void>;
  /** What `bring` threw, whatever became of it on the way through the store. */
  readonly lost: LostVersion | undefined;
}

/**
 * Brings missing ranges of files from the store into their data files. Readers of the same bytes share one request, and each
 * goes on as soon as its own bytes are here: what somebody waits for is asked for at once, the rest in turn. Bytes that were
 * written meanwhile are never overwritten by older ones.
 */
export class Fetcher {
  readonly #tree: Tree;
  readonly #capabilities: () => Capabilities;
  readonly #holder: ContentHolder;
  readonly #recheck: (node: Node) => Promise<void>;
  readonly #transfers: Transfers;
  readonly #completing = new Map<Node, Promise<void>>();

  /**
   * `recheck` asks the store again about a node whose version or place seems to have changed; `told` hears what comes with the
   * content of a version that is known.
   */
  constructor(
    tree: Tree,
    store: Store,
    holder: ContentHolder,
    recheck: (node: Node) => Promise<void>,
    told: (node: Node, entry: FileEntry) => void,
  ) {
    this.#tree = tree;
    this.#capabilities = () => store.capabilities;
    this.#holder = holder;
    this.#recheck = recheck;
    this.#transfers = new Transfers(tree, store, holder, told);
  }

  /** Resolves when `[start, end)` of the node's present content is here. */
  async fetch(node: Node, start: number, end: number, options: FetchOptions = {}): Promise<void> {
    const attempts = new PlaceAttempts(this.#tree, node);
    for (let corrupt = 0; ; ) {
      const before = this.#holder.bytesOf(node);
      const { ahead = end, interest = new Interest(), signal } = options;
      const wanted = { start, end: Math.min(end, node.size) };
      const expected = this.#transfers.want(node, { ...wanted, ahead }, interest);
      if (expected === undefined || node.present?.covers(wanted.start, wanted.end) !== false) return;
      const { content, contentVersion } = node;
      try {
        await expected.arrival.wait(wanted, signal);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        // It was forgotten while it came, because there was no room; it is the same version all the same.
        const isForgotten = node.content !== content && node.contentVersion === contentVersion && node.present !== null;
        if (isForgotten && isStoreError(error, 'Conflict')) continue;
        if (isCut(error) && (this.#holder.bytesOf(node) > before || (expected.isShared && !isTimedOut(error))))
          continue;
        if (isStoreError(error, 'Corrupt') && ++corrupt < corruptTries) continue;
        if (!isStale(error) || options.exact === true) throw error;
        await this.#recheck(node);
        if (!isLive(node) && (node.opens === 0 || node.synced === null)) throw error;
        if (!attempts.again()) throw error;
      }
    }
  }

  /** Begins to bring `[start, end)` without waiting. A failure is met again, and told, by whoever reads there. */
  prefetch(node: Node, start: number, end: number, interest: Interest): void {
    try {
      this.#transfers.want(node, { start, end: start, ahead: end }, interest);
    } catch (error) {
      if (!isStoreError(error)) throw error;
    }
  }

  /** Gives up what was to be fetched for somebody who has lost interest, as far as nobody else wants it. */
  abandon(interest: Interest): void {
    this.#transfers.abandon(interest);
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

  /**
   * A content was changed here: begins to bring the rest of it, which only the store has, unless it need not be sent. Whoever
   * needs it calls `complete`, and is told of a failure there.
   */
  changed(node: Node): void {
    if (unchangedParts(node, this.#capabilities()) !== undefined || this.#completing.has(node)) return;
    this.complete(node).catch(() => undefined);
  }

  /** For the upload of a file that is not whole here: what the store wants of it all the same is brought then. */
  missingPartsOf(node: Node): MissingParts {
    let lost: LostVersion | undefined;
    const bring = async (start: number, end: number, ahead: number): Promise<void> => {
      try {
        await this.fetch(node, start, end, { ahead, exact: true });
      } catch (error) {
        if (!isStale(error)) throw error;
        throw (lost = new LostVersion(this.#tree.pathOf(node), error));
      }
    };
    return {
      bring,
      get lost() {
        return lost;
      },
    };
  }

  async #completeInOrder(node: Node): Promise<void> {
    const interest = new Interest();
    try {
      this.#holder.ensure(node);
      for (let at = 0; at < node.size && node.present !== null; at += completionBytes)
        await this.fetch(node, at, at + completionBytes, { ahead: at + completionAhead, interest });
    } catch (error) {
      if (node.contentDirty && isStale(error)) throw new LostVersion(this.#tree.pathOf(node), error);
      throw error;
    }
  }

  /** Ends all requests; what has come so far is kept. */
  close(): void {
    this.#transfers.close();
  }
}

/** A request did not bring all of its bytes. */
function isCut(error: unknown): boolean {
  return isStoreError(error, 'Unavailable') || isStoreError(error, 'Corrupt');
}

/** The store has another version, or none. */
function isStale(error: unknown): boolean {
  return isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound');
}
