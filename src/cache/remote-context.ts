import { isStoreError, type StoreErrorCode } from '../store/errors.ts';
import { childOf } from '../store/path.ts';
import type { Capabilities, Entry, FileEntry, Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import { conflictName } from './conflict.ts';
import type { ContentHolder } from './content-holder.ts';
import type { Fetcher } from './fetcher.ts';
import type { Node, Sent } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { Quarantine } from './quarantine.ts';
import type { RemoteActivity } from './remote-activity.ts';
import type { RemoteListing } from './remote-listing.ts';
import type { Tree } from './tree.ts';
import type { UploadStates } from './upload-states.ts';

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
  readonly quarantine: Quarantine;
  readonly fetcher: Fetcher;
  readonly listing: RemoteListing;
  readonly activity: RemoteActivity;
  readonly uploads: UploadStates;
  /** Names this machine in conflict copies. */
  readonly host: string;
  /** Permission bits of files of which the store tells none. */
  readonly fileMode: number;
  readonly onChange: (change: TreeChange) => void;
  /** Told of a mode or extended attributes that the store does not take. */
  readonly onRefused: (path: string, message: string) => void;
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
  /** Of nodes that were lost sight of: what ends the mark on their positions. */
  readonly #lost = new Map<Node, () => void>();

  constructor(parts: RemoteParts) {
    this.parts = parts;
    for (const node of parts.tree.dirty) if (node.sent !== null) this.#lost.set(node, this.#mark(positionsOf(node)));
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
    const end = this.#mark(positions);
    try {
      return await work();
    } finally {
      end();
    }
  }

  #mark(positions: readonly Position[]): () => void {
    const ends = positions.map(({ parent, name }) => this.parts.activity.begin(parent, name));
    return () => {
      for (const end of ends) end();
    };
  }

  /**
   * Asks the store to bring `node` to a position. That it was asked is committed before, so that after a lost answer or a
   * crash it is looked for there, and what listings say of its positions is not believed; a refusal, which leaves no doubt,
   * takes that back. What an earlier call may have brought stays in doubt.
   */
  async send<T>(node: Node, to: Position, ask: () => Promise<T>): Promise<T> {
    const { tree } = this.parts;
    // A move takes along what the store has, not what was written here since.
    const isMoved = node.synced !== null && !isAt(node.synced, to);
    const { size, modified } = isMoved || !node.contentDirty ? (node.synced ?? node) : node;
    const before = node.sent;
    this.lose(node, { ...to, size, modified, version: node.contentVersion });
    tree.save(node);
    try {
      const answer = await ask();
      this.found(node);
      return answer;
    } catch (error) {
      if (isRefusal(error)) {
        this.found(node);
        if (before !== null) this.lose(node, before);
        tree.save(node);
      }
      throw error;
    }
  }

  /** It is not known whether the node arrived. Not saved. */
  lose(node: Node, sent: Sent): void {
    this.found(node);
    node.sent = sent;
    this.#lost.set(node, this.#mark(positionsOf(node)));
  }

  /** It is known again where the store has the node. Not saved. */
  found(node: Node): void {
    node.sent = null;
    this.#lost.get(node)?.();
    this.#lost.delete(node);
  }

  /** Whatever the store was known to have at a position, it has `node` there now. */
  dismissReplaced(node: Node, { parent, name }: Position): void {
    const { tree } = this.parts;
    for (const id of tree.table.syncedChildren(parent)) {
      const other = tree.node(id);
      if (other !== node && other.synced !== null && isAt(other.synced, { parent, name })) this.dismiss(other);
    }
  }

  /** A removed node that the store does not have any more. */
  dismiss(node: Node | undefined): void {
    if (node === undefined) return;
    node.synced = null;
    this.found(node);
    this.parts.tree.save(node);
  }

  /**
   * Puts our version under a conflict name, and shows theirs under the name that both wanted. Nothing happens when the user
   * has moved the node from `wanted` meanwhile.
   */
  async giveWay(node: Node, wanted: Position, signal: AbortSignal): Promise<Outcome> {
    const { tree, listing, host, onChange, onConflict } = this.parts;
    signal.throwIfAborted();
    const directory = tree.find(wanted.parent);
    if (directory !== undefined && isLive(node) && isAt(node, wanted)) {
      const path = tree.pathOf(node);
      const before = node.shownName;
      const today = new Date(Date.now());
      const copy = conflictName(wanted.name, host, today, (candidate) => tree.children(directory).has(candidate));
      tree.transaction(() => {
        node.conflict = true;
        this.found(node);
        if (node.synced !== null && isAt(node.synced, wanted)) node.synced = null;
        tree.relocate(node, directory, copy);
      });
      onChange({ kind: 'removed', node: node.id, directory: directory.id, name: before });
      onChange({ kind: 'added', node: node.id, directory: directory.id, name: node.shownName });
      onConflict(path, tree.pathOf(node));
    }
    await listing.refreshAgain(wanted.parent);
    return 'outdated';
  }
}

/** Where the store has a node, or may have it. */
function positionsOf({ synced, sent }: Node): Position[] {
  return [synced, sent].filter((position) => position !== null);
}

const doubtful: ReadonlySet<StoreErrorCode> = new Set(['Unavailable', 'RateLimited', 'Corrupt']);

/** Whether what was asked certainly did not happen. */
export function isRefusal(error: unknown): boolean {
  return isStoreError(error) && !doubtful.has(error.code);
}

/** Whether a node, or what is known of it, is at a position. */
export function isAt(
  node: { readonly parent: number | null; readonly name: string },
  { parent, name }: Position,
): boolean {
  return node.parent === parent && node.name === name;
}

/** Whether an entry may be what was sent: no two versions of one file of ours share size and time. */
export function isSentAs(
  found: FileEntry,
  sent: Pick<Sent, 'size' | 'modified'>,
  { modified, modifiedPrecision }: Capabilities,
): boolean {
  return found.size === sent.size && (!modified || Math.abs(found.modified - sent.modified) <= modifiedPrecision);
}
