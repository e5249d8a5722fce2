import { isStoreError } from '../store/errors.ts';
import { childOf } from '../store/path.ts';
import type { Entry, Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import { conflictName } from './conflict.ts';
import type { ContentHolder } from './content-holder.ts';
import type { Fetcher } from './fetcher.ts';
import type { Node } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { RemoteActivity } from './remote-activity.ts';
import type { RemoteListing } from './remote-listing.ts';
import type { Tree } from './tree.ts';

/**
 * How an operation ended: `done` as planned, or `outdated`: something else turned out to be right, the node was corrected,
 * and a new plan is due.
 */
export type Outcome = 'done' | 'outdated';

/** What the remote operations work on. */
export interface RemoteParts {
  readonly tree: Tree;
  readonly store: Store;
  readonly holder: ContentHolder;
  readonly fetcher: Fetcher;
  readonly listing: RemoteListing;
  readonly activity: RemoteActivity;
  /** Names this machine in conflict copies. */
  readonly host: string;
  readonly onChange: (change: TreeChange) => void;
  readonly onConflict: (path: string, copy: string) => void;
}

/** A place in the tree, as it was when an operation began. */
export interface Position {
  readonly parent: number;
  readonly name: string;
}

/** What all remote operations share: where nodes are at the store, on what conditions they change, and who gives way. */
export class RemoteContext {
  readonly parts: RemoteParts;

  constructor(parts: RemoteParts) {
    this.parts = parts;
  }

  /** Where a position is at the store. Throws `NotFound` when its directory is not there. */
  pathOf({ parent, name }: Position): string {
    const { tree } = this.parts;
    return childOf(tree.syncedPathOf(tree.node(parent)), name);
  }

  /** The revision on which a change is conditional; null for "must not exist", undefined where no condition can be set. */
  precondition(known: Node['synced']): string | null | undefined {
    if (this.parts.store.capabilities.preconditions === 'none') return undefined;
    return known === null ? null : known.revision;
  }

  async statOrNothing(path: string, signal: AbortSignal): Promise<Entry | undefined> {
    try {
      return await this.parts.store.stat(path, { signal });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** Marks positions as being changed by us while `work` runs. */
  async during<T>(positions: readonly Position[], work: () => Promise<T>): Promise<T> {
    const ends = positions.map(({ parent, name }) => this.parts.activity.begin(parent, name));
    try {
      return await work();
    } finally {
      for (const end of ends) end();
    }
  }

  /** A removed node that the store does not have any more. */
  dismiss(node: Node | undefined): void {
    if (node === undefined) return;
    node.synced = null;
    node.sent = null;
    this.parts.tree.save(node);
  }

  /**
   * Puts our version under a conflict name, and shows theirs under the name that both wanted. Nothing happens when the user
   * has moved the node from `wanted` meanwhile.
   */
  async giveWay(node: Node, wanted: Position, signal: AbortSignal): Promise<Outcome> {
    const { tree, listing, host, onChange, onConflict } = this.parts;
    signal.throwIfAborted();
    const directory = tree.node(wanted.parent);
    if (isLive(node) && isAt(node, wanted)) {
      const path = tree.pathOf(node);
      const copy = conflictName(wanted.name, host, new Date(), (candidate) => tree.children(directory).has(candidate));
      tree.transaction(() => {
        node.conflict = true;
        if (node.synced !== null && isAt(node.synced, wanted)) node.synced = null;
        node.sent = null;
        tree.relocate(node, directory, copy);
      });
      onChange({ kind: 'removed', node: node.id, directory: directory.id, name: wanted.name });
      onChange({ kind: 'added', node: node.id, directory: directory.id, name: copy });
      onConflict(path, tree.pathOf(node));
    }
    await listing.refreshAgain(directory);
    return 'outdated';
  }
}

/** Whether a node, or what is known of it, is at a position. */
export function isAt(
  node: { readonly parent: number | null; readonly name: string },
  { parent, name }: Position,
): boolean {
  return node.parent === parent && node.name === name;
}
