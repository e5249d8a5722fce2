import { isStoreError } from '../store/errors.ts';
import type { Capabilities, Entry, FileEntry } from '../store/store.ts';
import { isLive } from './changes.ts';
import { hasSameBytes } from './conflict.ts';
import { ContentChanged, contentSource } from './content-source.ts';
import type { Node, Sent } from './node.ts';
import { isAt, type Outcome, type Position, type RemoteContext } from './remote-context.ts';
import { syncedAs } from './remote-listing.ts';

/**
 * Sends a file's content, on the condition that the store has the version that we know. What is being sent is committed
 * before (`Node.sent`), so that after a lost answer, or a crash, our own version is recognised when it turns up.
 */
export class UploadStep {
  readonly #context: RemoteContext;

  constructor(context: RemoteContext) {
    this.#context = context;
  }

  /** `replaced`: the removed file whose place it takes. */
  async run(node: Node, replaced: Node | undefined, signal: AbortSignal): Promise<Outcome> {
    const { tree, store, fetcher, holder } = this.#context.parts;
    await fetcher.complete(node);
    if (node.parent === null) return 'outdated';
    const at: Position = { parent: node.parent, name: node.name };
    const path = this.#context.pathOf(at);
    const { contentVersion, modified } = node;
    const stop = new AbortController();
    const source = contentSource(node, holder.contents, () => stop.abort(new ContentChanged()));
    const ifRevision = this.#context.precondition(node.synced ?? replaced?.synced ?? null);
    const before = node.sent;
    node.sent = { ...at, size: source.size, modified };
    tree.save(node);
    try {
      const either = AbortSignal.any([signal, stop.signal]);
      const entry = await this.#context.during([at], () =>
        store.write(path, source, { ifRevision, modified, signal: either }),
      );
      this.#arrived(node, at, contentVersion, entry, replaced);
      return 'done';
    } catch (error) {
      if (stop.signal.aborted || error instanceof ContentChanged) return this.#cancelled(node, before);
      if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'IsADirectory')) throw error;
      node.sent = before;
      return await this.#meet(node, at, contentVersion, replaced, signal);
    } finally {
      node.cancelUpload = undefined;
    }
  }

  /** Looks whether a version that was lost sight of arrived, at a place where it is not wanted any more. */
  async verify(node: Node, signal: AbortSignal): Promise<Outcome> {
    const { tree } = this.#context.parts;
    const { sent } = node;
    if (sent === null) return 'outdated';
    const found = await this.#context.statOrNothing(this.#context.pathOf(sent), signal);
    node.sent = null;
    if (this.#isOurs(found, sent)) node.synced = syncedAs(sent.parent, sent.name, found);
    tree.save(node);
    return 'outdated';
  }

  /** The file changed before all of it was read, so the store cannot have taken it. */
  #cancelled(node: Node, before: Sent | null): Outcome {
    node.sent = before;
    this.#context.parts.tree.save(node);
    return 'outdated';
  }

  #arrived(node: Node, at: Position, version: number, entry: FileEntry, replaced: Node | undefined): void {
    const { tree } = this.#context.parts;
    tree.transaction(() => {
      if (replaced !== node) this.#context.dismiss(replaced);
      node.synced = syncedAs(at.parent, at.name, entry);
      node.sent = null;
      if (node.contentVersion === version) {
        node.contentDirty = false;
        node.writing = false;
        node.conflict = false;
      }
      tree.save(node);
    });
  }

  /** Something else stands at the target than we knew: nothing any more, a version of ours whose answer was lost, or somebody else's. */
  async #meet(
    node: Node,
    at: Position,
    version: number,
    replaced: Node | undefined,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { tree, store, holder } = this.#context.parts;
    const found = await this.#context.statOrNothing(this.#context.pathOf(at), signal);
    const { sent } = node;
    if (found?.kind === 'file') {
      if (sent !== null && isAt(sent, at) && this.#isOurs(found, sent)) {
        this.#arrived(node, at, -1, found, replaced);
        return 'outdated';
      }
      const unchanged = node.contentVersion === version && isLive(node);
      if (unchanged && (await hasSameBytes(store, found, contentSource(node, holder.contents), signal))) {
        this.#arrived(node, at, version, found, replaced);
        return 'done';
      }
    }
    this.#context.dismiss(replaced);
    if (found !== undefined) return this.#context.giveWay(node, at, signal);
    node.synced = null;
    node.sent = null;
    tree.save(node);
    return 'outdated';
  }

  /** By size and time, which no two versions of one file of ours share. */
  #isOurs(found: Entry | undefined, sent: Sent): found is FileEntry {
    const { modified, modifiedPrecision }: Capabilities = this.#context.parts.store.capabilities;
    if (found?.kind !== 'file' || found.size !== sent.size) return false;
    return !modified || Math.abs(found.modified - sent.modified) <= modifiedPrecision;
  }
}
