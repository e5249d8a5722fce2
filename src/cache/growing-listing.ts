import type { Node } from './node.ts';

/**
 * The children of a directory while they become known, shared by all who wait for them: pieces are added by whoever reads them,
 * and nothing that was added is taken out. Names are noted as they were then.
 */
export class GrowingListing {
  readonly nodes: Node[] = [];
  readonly names: string[] = [];
  readonly #set = new Set<Node>();
  #isWhole = false;
  #failure: { readonly reason: unknown } | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** One that is whole. */
  static of(nodes: Iterable<Node>): GrowingListing {
    const listing = new GrowingListing();
    listing.add(nodes);
    listing.end();
    return listing;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether a node was added. */
  has(node: Node): boolean {
    // Most listings are never asked.
    for (const added of this.nodes.slice(this.#set.size)) this.#set.add(added);
    return this.#set.has(node);
  }

  /** Resolves when there are more than now, or all. Rejects once `fail` was called. */
  more(): Promise<void> {
    if (this.#isWhole) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }

  /** What `find` answers as soon as that is something, or undefined when the listing is whole. Rejects when the rest cannot be had. */
  async until<T>(find: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = find();
      if (found !== undefined || this.#isWhole) return found;
      await this.more();
    }
  }

  /** Adds nodes, none of them twice. */
  add(nodes: Iterable<Node>): void {
    const before = this.nodes.length;
    for (const node of nodes) {
      this.nodes.push(node);
      this.names.push(node.shownName);
    }
    if (this.nodes.length > before) this.#wake();
  }

  /** Nothing more comes. */
  end(): void {
    this.#isWhole = true;
    this.#wake();
  }

  /** The rest cannot be had. */
  fail(reason: unknown): void {
    this.#failure = { reason };
    this.#waiting?.promise.catch(() => undefined);
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
