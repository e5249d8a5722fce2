import { isStoreError } from '../store/errors.ts';
import type { FileEntry, Metadata } from '../store/store.ts';
import {
  adoptMetadata,
  allMetadata,
  isSameMetadata,
  metadataThatFits,
  modeText,
  settleMetadata,
  type ShownMetadata,
} from './file-metadata.ts';
import { changedMetadata } from './metadata-changes.ts';
import { isGone } from './gone-at-store.ts';
import type { Node, Synced } from './node.ts';
import type { Outcome, RemoteContext } from './remote-context.ts';
import { isSameVersion, syncedAs } from './synced-entry.ts';

/** What is sent along with the content. */
export interface SentMetadata {
  /** Undefined: nothing, and the store does as it does. */
  readonly metadata: Metadata | undefined;
  /** What was shown then. */
  readonly shown: ShownMetadata;
}

/** Sends mode and extended attributes: of a file whose content the store has already by a step of its own, else with the content. */
export class MetadataStep {
  readonly #context: RemoteContext;

  constructor(context: RemoteContext) {
    this.#context = context;
  }

  async run(node: Node, signal: AbortSignal): Promise<Outcome> {
    const { tree, store } = this.#context.parts;
    const { synced } = node;
    if (synced === null || !node.metadataDirty) return 'outdated';
    const base = await this.#atStore(node, synced, signal);
    const metadata = this.#wanted(node, base);
    if (metadata === undefined) return this.#keepHere(node);
    const sent = shownOf(node);
    // What was perhaps sent before may be there instead of what was known.
    if (node.sent === null && base !== undefined && isSameMetadata(metadata, base)) {
      this.#settle(node, sent, base);
      tree.save(node);
      return 'done';
    }
    const ifRevision = this.#context.precondition(node.synced) ?? undefined;
    const path = this.#context.pathOf(synced);
    try {
      const ask = (): Promise<FileEntry> => store.setMetadata(path, metadata, { ifRevision, signal });
      this.#arrived(node, synced, sent, metadata, await this.#context.send(node, synced, ask));
      return 'done';
    } catch (error) {
      if (isStoreError(error, 'Unsupported') || isStoreError(error, 'TooLarge')) return this.#refused(node, error);
      if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'NotFound')) throw error;
      return this.#meet(node, synced, sent, metadata, error, signal);
    }
  }

  /** What is to be sent along with the content. */
  async withContent(node: Node, signal: AbortSignal): Promise<SentMetadata> {
    const isKnown = node.synced === null || node.metadataChanges?.whole === true;
    const base = isKnown ? {} : await this.#atStore(node, node.synced as Synced, signal);
    return { metadata: this.#wanted(node, base), shown: shownOf(node) };
  }

  /** What was sent along with the content (`metadata`) is at the store, with its answer in `synced`. Not saved. */
  arrivedWithContent(node: Node, { shown, metadata }: SentMetadata, entry: FileEntry): void {
    const { fileMode, onChange } = this.#context.parts;
    if (metadata !== undefined) this.#settle(node, shown, entry.metadata ?? metadata);
    else if (adoptMetadata(node, entry.metadata, fileMode)) onChange({ kind: 'attributes', node: node.id });
  }

  #settle(node: Node, sent: ShownMetadata, stored: Metadata): void {
    if (node.synced === null) return;
    node.synced = { ...node.synced, metadata: stored };
    settleMetadata(node, sent, stored, this.#context.parts.fileMode);
  }

  /** The store does not take what was sent along with the content: it stays here, and the content is sent without. */
  refusedWithContent(node: Node, error: Error): Outcome {
    node.metadataChanges ??= { names: allMetadata(node, this.#context.parts.fileMode), refused: false };
    return this.#refused(node, error);
  }

  /** What the store has of a version that is known; it is asked where nothing has told. Undefined for another version, or none. */
  async #atStore(node: Node, synced: Synced, signal: AbortSignal): Promise<Metadata | undefined> {
    const { store, fileMode, tree, onChange } = this.#context.parts;
    if (synced.metadata !== undefined || store.capabilities.metadata === 'none') return synced.metadata;
    const found = await this.#context.statOrNothing(this.#context.pathOf(synced), signal);
    if (found?.kind !== 'file' || node.synced === null || !isSameVersion(node.synced, found)) return undefined;
    const isShown = adoptMetadata(node, found.metadata ?? {}, fileMode);
    tree.save(node);
    if (isShown) onChange({ kind: 'attributes', node: node.id });
    return node.synced.metadata;
  }

  /** What the store is to have; undefined where it keeps nothing of it. */
  #wanted(node: Node, base: Metadata = {}): Metadata | undefined {
    const { store, fileMode } = this.#context.parts;
    const { metadata: kept } = store.capabilities;
    if (kept === 'none' || (node.synced === null && node.metadataChanges?.refused === true)) return undefined;
    if (kept === 'mode') return { mode: modeText(node.mode) };
    const isNew = node.synced === null && node.metadataChanges?.whole !== true;
    const wanted = isNew ? allMetadata(node, fileMode) : changedMetadata(base, node.metadataChanges);
    return metadataThatFits(wanted, base, store.capabilities);
  }

  #arrived(node: Node, at: Synced, sent: ShownMetadata, metadata: Metadata, entry: FileEntry): void {
    node.synced = syncedAs(at.parent, at.name, entry);
    this.#context.found(node);
    this.#settle(node, sent, entry.metadata ?? metadata);
    this.#context.parts.tree.save(node);
  }

  #refused(node: Node, error: Error): Outcome {
    const { tree, onRefused } = this.#context.parts;
    this.#keepHere(node);
    onRefused(tree.pathOf(node), error.message);
    return 'outdated';
  }

  #keepHere(node: Node): Outcome {
    const { tree } = this.#context.parts;
    if (node.metadataChanges !== null) node.metadataChanges = { ...node.metadataChanges, refused: true };
    tree.save(node);
    return 'outdated';
  }

  /** The store has another version than we knew: our own, from a call whose answer was lost, or somebody else's, or none any more. */
  async #meet(
    node: Node,
    at: Synced,
    sent: ShownMetadata,
    metadata: Metadata,
    error: Error,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { listing, tree, store } = this.#context.parts;
    const found = await this.#context.statOrNothing(this.#context.pathOf(at), signal);
    if (found?.kind !== 'file') {
      if (found === undefined && !(await isGone(node, tree, store, signal))) throw error;
      listing.vanished(node);
      return 'outdated';
    }
    const isOurs = found.size === at.size && found.modified === at.modified && isSameMetadata(metadata, found.metadata);
    if (isOurs) this.#arrived(node, at, sent, metadata, found);
    else if (isSameVersion(at, found)) throw error;
    else listing.replaced(node, found);
    return isOurs ? 'done' : 'outdated';
  }
}

function shownOf({ mode, attributes, metadataChanges }: Node): ShownMetadata {
  return { mode, attributes, metadataChanges };
}
