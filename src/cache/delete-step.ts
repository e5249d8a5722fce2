import { isStoreError } from '../store/errors.ts';
import type { KnownEntry } from '../store/store.ts';
import type { Node, Synced } from './node.ts';
import type { RemoteContext } from './remote-context.ts';

/** A node that the store is known to hold. */
type SyncedNode = Node & { readonly synced: Synced };

/**
 * Deletes what the user removed, one or many in one call, each on the condition that the store has it as we know it. Somebody
 * else's change is stronger than a delete: what he changed, or put into a directory, stays and is shown again.
 */
export class DeleteStep {
  readonly #context: RemoteContext;

  constructor(context: RemoteContext) {
    this.#context = context;
  }

  /** Resolves when none of the nodes is waiting to be deleted any more, children before or with their directories. */
  async run(removed: readonly Node[], signal: AbortSignal): Promise<void> {
    const { tree, listing } = this.#context.parts;
    const nodes = removed.filter(isSynced);
    const [only] = nodes;
    if (only === undefined) return;
    const positions = nodes.map(({ synced }) => synced);
    const revision = nodes.length === 1 ? this.#revisionOf(only) : undefined;
    const kept = await this.#context.during(positions, () =>
      // Only a revision keeps `delete` from what is of another kind by now.
      revision === undefined ? this.#deleteKnown(nodes, signal) : this.#deleteRevision(only, revision, signal),
    );
    const parents = new Set(kept.map(({ synced }) => synced.parent));
    tree.transaction(() => {
      for (const node of nodes) this.#context.dismiss(node);
    });
    for (const parent of parents) if (tree.isReachable(parent)) await listing.refreshAgain(parent);
  }

  async #deleteRevision(node: SyncedNode, ifRevision: string, signal: AbortSignal): Promise<SyncedNode[]> {
    const { tree, store } = this.#context.parts;
    try {
      await store.delete(tree.syncedPathOf(node), { ifRevision, signal });
      return [];
    } catch (error) {
      if (!isStoreError(error, 'Conflict')) throw error;
      return [node];
    }
  }

  async #deleteKnown(nodes: readonly SyncedNode[], signal: AbortSignal): Promise<SyncedNode[]> {
    const { tree, store } = this.#context.parts;
    const byPath = new Map(nodes.map((node) => [tree.syncedPathOf(node), node]));
    const entries = [...byPath].map(
      ([path, node]): KnownEntry =>
        node.kind === 'file' ? { kind: 'file', path, revision: this.#revisionOf(node) } : { kind: 'directory', path },
    );
    const kept = await store.deleteAll(entries, { signal });
    return kept.map((path) => byPath.get(path)).filter((node) => node !== undefined);
  }

  #revisionOf(node: SyncedNode): string | undefined {
    return node.kind === 'file' ? (this.#context.precondition(node.synced) ?? undefined) : undefined;
  }
}

function isSynced(node: Node): node is SyncedNode {
  return node.synced !== null;
}
