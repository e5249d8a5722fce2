import type { Node } from './node.ts';
import { atOnce } from './turns.ts';

/** What `NodeTimes` asks of the tree. */
export interface NodeTimesParts {
  /** Commits all of `work` or nothing. */
  readonly transaction: (work: () => void) => void;
  /** Writes the row of a node, unless the node has left the tree. */
  readonly save: (node: Node) => void;
}

/**
 * Nodes whose times are newer than their row: when a content was opened, when a directory changed. That is not worth a commit each
 * time.
 */
export class NodeTimes {
  readonly #parts: NodeTimesParts;
  readonly #newer = new Set<Node>();

  constructor(parts: NodeTimesParts) {
    this.#parts = parts;
  }

  has(node: Node): boolean {
    return this.#newer.has(node);
  }

  /** The times of a node were changed in memory. */
  note(node: Node): void {
    this.#newer.add(node);
  }

  /** Commits them in short pieces, after each of which it yields. What could not be committed is still noted. */
  *save(): Generator<void> {
    for (let left = this.#newer.size; left > 0 && this.#newer.size > 0; left -= atOnce) {
      const nodes = [...this.#newer.values().take(atOnce)];
      this.#parts.transaction(() => nodes.forEach(this.#parts.save));
      for (const node of nodes) this.#newer.delete(node);
      yield;
    }
  }
}
