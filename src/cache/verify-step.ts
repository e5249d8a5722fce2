import type { Entry, FileEntry, Metadata } from '../store/store.ts';
import { hasSameBytes, hasSameParts } from './conflict.ts';
import { contentSource } from './content-source.ts';
import { adoptMetadata, nothingShown, settleMetadata } from './file-metadata.ts';
import type { Node, Sent, Synced } from './node.ts';
import { isAt, isSentAs, type Outcome, type Position, type RemoteContext } from './remote-context.ts';
import { syncedAs } from './synced-entry.ts';

/**
 * Finds out what became of a step whose answer was lost, or that was under way when the process died. Until then nobody
 * touches the node, or anything in it (see `planner.ts`); afterwards it is where the store has it.
 */
export class VerifyStep {
  readonly #context: RemoteContext;

  constructor(context: RemoteContext) {
    this.#context = context;
  }

  /** Always resolves with `outdated`: what is to be done next depends on what was found. */
  async run(node: Node, signal: AbortSignal): Promise<Outcome> {
    const { tree, holder } = this.#context.parts;
    const { sent, synced } = node;
    if (sent === null) return 'outdated';
    const found = await this.#lookFor(node, sent, synced, signal);
    tree.transaction(() => {
      this.#context.found(node);
      if (found !== undefined) {
        this.#context.dismissReplaced(node, sent);
        node.synced = syncedAs(sent.parent, sent.name, found);
        if (!node.contentDirty) tree.afterCommit(() => holder.sent(node));
        if (node.synced.metadata !== undefined) this.#takeMetadata(node, node.synced.metadata, synced === null);
      }
      tree.save(node);
    });
    return 'outdated';
  }

  /** Of a new file all that is shown here is wanted; of one that the store had, what was changed here. */
  #takeMetadata(node: Node, metadata: Metadata, isNew: boolean): void {
    const { fileMode, onChange } = this.#context.parts;
    if (isNew) settleMetadata(node, nothingShown, metadata, fileMode);
    else if (adoptMetadata(node, metadata, fileMode)) onChange({ kind: 'attributes', node: node.id });
  }

  /** What stands where the node was sent to, if that is the node. */
  async #lookFor(node: Node, sent: Sent, synced: Synced | null, signal: AbortSignal): Promise<Entry | undefined> {
    const found = await this.#find(sent, signal);
    if (found === undefined || found.kind !== node.kind) return undefined;
    const wasMoved = synced !== null && !isAt(synced, sent);
    if (wasMoved) {
      const left = await this.#find(synced, signal);
      if (left?.kind === node.kind) return undefined;
    }
    if (found.kind === 'directory') return found;
    const { store, holder } = this.#context.parts;
    const isAsSent = isSentAs(found, sent, store.capabilities);
    // Of somebody else's version of that size ours stays the one that we know: an upload meets it.
    if (wasMoved && found.size === sent.size) return isAsSent ? found : { ...found, revision: synced.revision };
    if (wasMoved || !isAsSent) return undefined;
    const isSame = await this.#isSame(node, sent, found, signal);
    // What is not here is taken from what stands there, so nothing but our own version will do.
    if (!isSame && node.present !== null && node.contentVersion === sent.version) return undefined;
    if (isSame) {
      node.contentDirty = false;
      node.writing = holder.direct.isWritten(node);
      node.edits = null;
    }
    return found;
  }

  async #find(position: Position, signal: AbortSignal): Promise<Entry | undefined> {
    if (!this.#context.parts.tree.isReachable(position.parent)) return undefined;
    return this.#context.statOrNothing(this.#context.pathOf(position), signal);
  }

  /** Whether the store has the very bytes that are here. */
  async #isSame(node: Node, sent: Sent, found: FileEntry, signal: AbortSignal): Promise<boolean> {
    const { store, holder } = this.#context.parts;
    if (!(await holder.direct.rest(node))) return false;
    const isCurrent = (): boolean => node.contentVersion === sent.version && node.parent !== null;
    if (!isCurrent()) return false;
    const source = contentSource(node, holder);
    const isSame =
      node.present === null
        ? await hasSameBytes(store, found, source, signal)
        : await hasSameParts(store, found, source, node.present.all(), signal);
    return isSame && isCurrent();
  }
}
