import { untilAborted } from '../layers/until-aborted.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { assertMetadata } from '../store/metadata-rules.ts';
import { childOf } from '../store/path.ts';
import type { CallOptions, Capabilities, FileEntry, Metadata, Store } from '../store/store.ts';
import {
  adoptMetadata,
  modeText,
  noteMetadata,
  permissionsIn,
  replaceMetadata,
  wantedMetadata,
  wantedMode,
} from './file-metadata.ts';
import type { Node, Synced } from './node.ts';
import { PlaceAttempts } from './place-attempts.ts';
import { adoptModified, isSameVersion } from './synced-entry.ts';
import type { Tree } from './tree.ts';

/** What it takes to tell and to change the metadata of files by path. */
export interface CachedMetadataParts {
  readonly tree: Tree;
  /** The store below. */
  readonly store: Store;
  /** Permission bits of files of which the store tells none. */
  readonly fileMode: number;
  /** Asks the store again where a node is and which version it has. */
  readonly recheck: (node: Node) => Promise<void>;
}

/** Law 10 of the contract over the nodes of a cache: the metadata that the store has, with what was changed here. */
export class CachedMetadata {
  readonly #parts: CachedMetadataParts;

  constructor(parts: CachedMetadataParts) {
    this.#parts = parts;
  }

  /** Throws what `Store.write` and `Store.setMetadata` promise for metadata that the store below cannot keep. */
  assert(
    metadata: Metadata | undefined,
    call: { operation: 'write' | 'setMetadata'; path: string; store: string },
  ): void {
    const { capabilities } = this.#parts.store;
    assertMetadata(metadata, { ...call, capabilities });
    if (capabilities.metadata !== 'mode' || metadata?.['mode'] === undefined) return;
    if (permissionsIn(metadata['mode']) === undefined)
      throw new StoreError('Unsupported', {
        ...call,
        message: `${JSON.stringify(metadata['mode'])} is no mode of a file`,
      });
  }

  /** What is known of a file's metadata; undefined where nothing is, and where the store keeps none. */
  of(node: Node): Metadata | undefined {
    const wanted = this.#kept === 'none' ? undefined : wantedMetadata(node, this.#parts.fileMode);
    return wanted !== undefined && this.#kept === 'mode' ? { mode: modeText(node.mode) } : wanted;
  }

  /**
   * A file's metadata, for which the store is asked where it is not known; undefined where the store keeps none. Throws as
   * `Store.stat`, and `Unavailable` where the store has another version by now.
   */
  async complete(node: Node, { signal }: CallOptions): Promise<Metadata | undefined> {
    const { synced } = node;
    if (this.#kept === 'none' || synced === null || this.of(node) !== undefined) return this.of(node);
    const { tree, fileMode } = this.#parts;
    const found = await this.#find(node, synced, { signal });
    adoptModified(node, found);
    adoptMetadata(node, found.metadata ?? {}, fileMode);
    tree.save(node);
    return this.of(node);
  }

  /** What the store has of a version that is known. While the file is moved there, it may not be where it was. */
  async #find(node: Node, version: Synced, { signal }: CallOptions): Promise<FileEntry> {
    const { tree, store, recheck } = this.#parts;
    const attempts = new PlaceAttempts(tree, node);
    for (;;) {
      const { parent, name } = node.synced ?? version;
      const path = childOf(tree.syncedPathOf(tree.node(parent)), name);
      try {
        const found = await store.stat(path, { signal });
        if (found.kind === 'file' && node.synced !== null && isSameVersion(node.synced, found)) return found;
        throw new StoreError('Unavailable', { operation: 'stat', path, message: 'the file was changed meanwhile' });
      } catch (error) {
        if (!isStoreError(error, 'NotFound')) throw error;
        await untilAborted(recheck(node), signal);
        if (!attempts.again()) throw error;
      }
    }
  }

  /** As `complete`; but where the store cannot tell, nobody knows. */
  async learn(node: Node, options: CallOptions): Promise<void> {
    await this.complete(node, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      if (!isStoreError(error)) throw error;
    });
  }

  /** Gives a file the metadata of a new version: of a store of modes, the mode that is told, else the one it has. Not saved. */
  begin(node: Node, metadata: Metadata = {}): void {
    const { fileMode } = this.#parts;
    if (this.#kept === 'any') return replaceMetadata(node, metadata, fileMode);
    const permissions = permissionsIn(metadata['mode']);
    if (permissions === undefined) return;
    node.mode = (node.mode & ~0o777) | permissions;
    noteMetadata(node, 'mode', wantedMode(node.mode, fileMode), fileMode);
  }

  /** Gives a file other metadata, committed. */
  replace(node: Node, metadata: Metadata): void {
    this.begin(node, metadata);
    node.changed = node.dirtiedAt = Date.now();
    node.version++;
    this.#parts.tree.save(node);
  }

  get #kept(): Capabilities['metadata'] {
    return this.#parts.store.capabilities.metadata;
  }
}
