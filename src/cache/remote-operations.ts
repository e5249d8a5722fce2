import { isStoreError, type StoreErrorCode } from '../store/errors.ts';
import { childOf } from '../store/path.ts';
import type { FileEntry, Store } from '../store/store.ts';
import { isLive } from './changes.ts';
import { conflictName, hasSameBytes } from './conflict.ts';
import type { ContentHolder } from './content-holder.ts';
import { ContentChanged, contentSource } from './content-source.ts';
import type { Fetcher } from './fetcher.ts';
import type { Node } from './node.ts';
import { rootNode } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { Operation } from './planner.ts';
import type { RemoteActivity } from './remote-activity.ts';
import { type RemoteListing, syncedAs } from './remote-listing.ts';
import type { Tree } from './tree.ts';

/** What `RemoteOperations` is made of. */
export interface RemoteOperationsParts {
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

/** How an operation ended that did not fail; see `RemoteOperations.run`. */
export type Outcome = 'done' | 'outdated';

/**
 * Runs one planned operation at the store and commits what the store is known to hold after it. Each is conditional on what
 * it was known to hold before; where somebody else was faster, both versions stay and the tree is corrected.
 */
export class RemoteOperations {
  readonly #parts: RemoteOperationsParts;

  constructor(parts: RemoteOperationsParts) {
    this.#parts = parts;
  }

  /** The paths at the store that an operation would touch now, for keeping apart operations that would disturb each other. */
  pathsOf(operation: Operation): string[] {
    const { tree } = this.#parts;
    const node = tree.node(operation.node);
    const paths = node.synced === null ? [] : [tree.syncedPathOf(node)];
    if (operation.kind === 'moveAside') paths.push(asidePath(node));
    else if (operation.kind !== 'delete') paths.push(this.#targetOf(node));
    return paths;
  }

  /**
   * Resolves with `done` when the store and the committed node agree about this step, with `outdated` when something else
   * turned out to be right: then the node was corrected, and a new plan is due. Rejects with the store's error.
   */
  run(operation: Operation, signal: AbortSignal): Promise<Outcome> {
    const { tree } = this.#parts;
    const node = tree.node(operation.node);
    const replaced = operation.replaces === undefined ? undefined : tree.find(operation.replaces);
    switch (operation.kind) {
      case 'makeDirectory':
        return this.#makeDirectory(node, signal);
      case 'upload':
        return this.#upload(node, replaced, signal);
      case 'move':
        return this.#move(node, node.parent as number, node.name, this.#targetOf(node), replaced, signal);
      case 'moveAside':
        return this.#move(node, rootNode, asidePath(node).slice(1), asidePath(node), undefined, signal);
      case 'delete':
        return this.#delete(node, signal);
      default:
        return operation.kind satisfies never;
    }
  }

  async #makeDirectory(node: Node, signal: AbortSignal): Promise<Outcome> {
    const { tree, store } = this.#parts;
    const parent = node.parent as number;
    const { name } = node;
    try {
      await this.#during([[parent, name]], () => store.makeDirectory(this.#targetOf(node), { signal }));
    } catch (error) {
      if (isStoreError(error, 'AlreadyExists')) return this.#giveWay(node, signal);
      throw error;
    }
    node.synced = { parent, name, size: 0, modified: node.modified };
    node.listedAt = Date.now();
    tree.save(node);
    return 'done';
  }

  async #upload(node: Node, replaced: Node | undefined, signal: AbortSignal): Promise<Outcome> {
    const { store, fetcher, holder } = this.#parts;
    await fetcher.complete(node);
    const parent = node.parent as number;
    const { name, contentVersion, modified } = node;
    const path = this.#targetOf(node);
    const source = contentSource(node, holder.contents);
    const known = node.synced ?? replaced?.synced ?? null;
    const ifRevision = this.#precondition(known);
    const stop = new AbortController();
    node.cancelUpload = () => stop.abort(new ContentChanged());
    const either = AbortSignal.any([signal, stop.signal]);
    try {
      const entry = await this.#during([[parent, name]], () =>
        store.write(path, source, { ifRevision, modified, signal: either }),
      );
      this.#uploaded(node, parent, name, contentVersion, entry, replaced);
      return 'done';
    } catch (error) {
      if (isStoreError(error, 'Conflict') || isStoreError(error, 'IsADirectory'))
        return await this.#meet(node, path, contentVersion, replaced, signal);
      if (node.contentVersion !== contentVersion) return 'outdated';
      throw error;
    } finally {
      node.cancelUpload = undefined;
    }
  }

  #uploaded(
    node: Node,
    parent: number,
    name: string,
    version: number,
    entry: FileEntry,
    replaced: Node | undefined,
  ): void {
    const { tree } = this.#parts;
    tree.transaction(() => {
      if (replaced !== undefined && replaced !== node) this.#dismiss(replaced);
      node.synced = syncedAs(parent, name, entry);
      if (node.contentVersion === version) {
        node.contentDirty = false;
        node.writing = false;
        node.conflict = false;
      }
      tree.save(node);
    });
  }

  /** Somebody else's file (or directory) stands at the target, or our own answer was lost. */
  async #meet(
    node: Node,
    path: string,
    version: number,
    replaced: Node | undefined,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { tree, store, holder } = this.#parts;
    const theirs = await this.#statOrNothing(path, signal);
    if (node.contentVersion !== version) return 'outdated';
    if (theirs === undefined) {
      tree.transaction(() => {
        if (replaced !== undefined) this.#dismiss(replaced);
        node.synced = null;
        tree.save(node);
      });
      return 'outdated';
    }
    if (theirs.kind === 'file' && (await hasSameBytes(store, theirs, contentSource(node, holder.contents), signal))) {
      this.#uploaded(node, node.parent as number, node.name, version, theirs, replaced);
      return 'done';
    }
    if (replaced !== undefined) this.#dismiss(replaced);
    return this.#giveWay(node, signal);
  }

  async #move(
    node: Node,
    parent: number,
    name: string,
    to: string,
    replaced: Node | undefined,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { tree, store } = this.#parts;
    const before = node.synced;
    if (before === null) return 'outdated';
    const ifRevision = this.#precondition(replaced?.synced ?? null);
    const touched: [number, string][] = [
      [before.parent, before.name],
      [parent, name],
    ];
    try {
      await this.#during(touched, async () => {
        await store.move(tree.syncedPathOf(node), to, { ifRevision, signal });
        // Not every service keeps the revision; without one the next listing is believed by size and time.
        const entry = node.kind === 'file' ? await this.#statOrNothing(to, signal).catch(() => undefined) : undefined;
        tree.transaction(() => {
          if (replaced !== undefined) this.#dismiss(replaced);
          node.synced = { ...before, parent, name, revision: entry?.kind === 'file' ? entry.revision : undefined };
          tree.save(node);
        });
      });
      return 'done';
    } catch (error) {
      return await this.#moveFailed(node, replaced, error, signal);
    }
  }

  /** The source went away, the target was taken, or the move was done before and its answer lost: the listings tell. */
  async #moveFailed(node: Node, replaced: Node | undefined, error: unknown, signal: AbortSignal): Promise<Outcome> {
    const { tree, listing } = this.#parts;
    const before = node.synced;
    if (isStoreError(error, 'NotFound') && before !== null) {
      node.synced = null;
      if (node.kind === 'file' && (node.content === 0 || node.present !== null)) {
        this.#leaveTree(node);
      } else {
        node.contentDirty = node.kind === 'file';
        tree.save(node);
      }
      await listing.refreshAgain(tree.node(before.parent));
      return 'outdated';
    }
    if (!isStoreError(error) || !targetTaken.has(error.code)) throw error;
    if (replaced !== undefined) this.#dismiss(replaced);
    return this.#giveWay(node, signal);
  }

  async #delete(node: Node, signal: AbortSignal): Promise<Outcome> {
    const { tree, store, listing } = this.#parts;
    const { synced } = node;
    if (synced === null) return 'outdated';
    const ifRevision = node.kind === 'file' ? (this.#precondition(synced) ?? undefined) : undefined;
    let kept = false;
    try {
      await this.#during([[synced.parent, synced.name]], () =>
        store.delete(tree.syncedPathOf(node), { ifRevision, signal }),
      );
    } catch (error) {
      // Somebody changed the file, or put something into the directory: a change is stronger than a delete.
      if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotEmpty')) throw error;
      kept = true;
    }
    this.#dismiss(node);
    if (kept) await listing.refreshAgain(tree.node(synced.parent));
    return 'done';
  }

  /** Puts our version under a conflict name, and shows theirs under the name that both wanted. */
  async #giveWay(node: Node, signal: AbortSignal): Promise<Outcome> {
    const { tree, listing, host, onChange, onConflict } = this.#parts;
    signal.throwIfAborted();
    if (!isLive(node)) return 'outdated';
    const directory = tree.node(node.parent as number);
    const { name } = node;
    const path = tree.pathOf(node);
    const copy = conflictName(name, host, new Date(), (candidate) => tree.children(directory).has(candidate));
    tree.transaction(() => {
      node.conflict = true;
      if (node.synced?.parent === directory.id && node.synced.name === name) node.synced = null;
      tree.relocate(node, directory, copy);
    });
    onChange({ kind: 'removed', node: node.id, directory: directory.id, name });
    onChange({ kind: 'added', node: node.id, directory: directory.id, name: copy });
    onConflict(path, tree.pathOf(node));
    await listing.refreshAgain(directory);
    return 'outdated';
  }

  #leaveTree(node: Node): void {
    const { tree, holder, onChange } = this.#parts;
    const { parent, name } = node;
    tree.detach(node);
    holder.drop(node);
    if (parent !== null) onChange({ kind: 'removed', node: node.id, directory: parent, name });
  }

  /** A removed node that the store does not have any more. */
  #dismiss(node: Node): void {
    node.synced = null;
    this.#parts.tree.save(node);
  }

  /** The revision on which a change is conditional; null for "must not exist", undefined where no condition can be set. */
  #precondition(known: Node['synced']): string | null | undefined {
    if (this.#parts.store.capabilities.preconditions === 'none') return undefined;
    return known === null ? null : known.revision;
  }

  #targetOf(node: Node): string {
    return childOf(this.#parts.tree.syncedPathOf(this.#parts.tree.node(node.parent as number)), node.name);
  }

  async #statOrNothing(path: string, signal: AbortSignal): Promise<Awaited<ReturnType<Store['stat']>> | undefined> {
    try {
      return await this.#parts.store.stat(path, { signal });
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #during<T>(touched: readonly [directory: number, name: string][], work: () => Promise<T>): Promise<T> {
    const ends = touched.map(([directory, name]) => this.#parts.activity.begin(directory, name));
    try {
      return await work();
    } finally {
      for (const end of ends) end();
    }
  }
}

const targetTaken: ReadonlySet<StoreErrorCode> = new Set([
  'Conflict',
  'AlreadyExists',
  'IsADirectory',
  'NotADirectory',
]);

/** Where a node waits at the store while two names are swapped. */
function asidePath(node: Node): string {
  return `/.cloudfusion-moving-${node.id}`;
}
