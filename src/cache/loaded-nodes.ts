import type { Node } from './node.ts';

/** Nodes that were asked for by number alone stay in memory while so many others follow. */
const recentNodes = 4096;

/**
 * The nodes in memory: never two for one number, as long as anybody holds the first. A node that is released stays found
 * while somebody uses it, and costs nothing afterwards; the next who asks reads its row again.
 */
export class LoadedNodes {
  readonly #nodes = new Map<number, Node | WeakRef<Node>>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#forgetCollected(id));
  readonly #recent: (Node | undefined)[] = [];
  #recentAt = 0;
  #held = 0;

  /** How many are kept whether they are used or not. */
  get held(): number {
    return this.#held;
  }

  get(id: number): Node | undefined {
    const found = this.#nodes.get(id);
    return found instanceof WeakRef ? found.deref() : found;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** Keeps a node until it is released or deleted. */
  hold(node: Node): void {
    const before = this.#nodes.get(node.id);
    if (before === node) return;
    if (before instanceof WeakRef) this.#collected.unregister(before);
    if (before === undefined || before instanceof WeakRef) this.#held++;
    this.#nodes.set(node.id, node);
  }

  /** Keeps a node for a while. */
  holdShortly(node: Node): void {
    this.hold(node);
    this.release(node);
    this.#recent[this.#recentAt] = node;
    this.#recentAt = (this.#recentAt + 1) % recentNodes;
  }

  /** Keeps a node no longer than somebody uses it. */
  release(node: Node): void {
    if (this.#nodes.get(node.id) !== node) return;
    const reference = new WeakRef(node);
    this.#nodes.set(node.id, reference);
    this.#collected.register(node, node.id, reference);
    this.#held--;
  }

  delete(id: number): void {
    const found = this.#nodes.get(id);
    if (found === undefined) return;
    if (found instanceof WeakRef) this.#collected.unregister(found);
    else this.#held--;
    this.#nodes.delete(id);
  }

  /** Another node may have taken the number since. */
  #forgetCollected(id: number): void {
    const found = this.#nodes.get(id);
    if (found instanceof WeakRef && found.deref() === undefined) this.#nodes.delete(id);
  }
}
