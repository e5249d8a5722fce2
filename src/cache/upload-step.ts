import { isStoreError } from '../store/errors.ts';
import type { FileEntry, Source } from '../store/store.ts';
import { isLive } from './changes.ts';
import { hasSameBytes, hasSameParts } from './conflict.ts';
import { ContentChanged, contentSource, type ContentSourceOptions } from './content-source.ts';
import { nothingShown } from './file-metadata.ts';
import type { MetadataStep, SentMetadata } from './metadata-step.ts';
import { LostVersion } from './lost-version.ts';
import type { Node, Sent } from './node.ts';
import { isAt, isSentAs, type Outcome, type Position, type RemoteContext } from './remote-context.ts';
import { syncedAs } from './synced-entry.ts';
import { unchangedParts } from './unchanged-parts.ts';

/**
 * Sends a file's content, on the condition that the store has the version that we know.
 */
export class UploadStep {
  readonly #context: RemoteContext;
  readonly #metadata: MetadataStep;

  constructor(context: RemoteContext, metadata: MetadataStep) {
    this.#context = context;
    this.#metadata = metadata;
  }

  /** `replaced`: the removed file whose place it takes. */
  async run(node: Node, replaced: Node | undefined, signal: AbortSignal): Promise<Outcome> {
    const { store, fetcher, holder } = this.#context.parts;
    const { parent, name } = node;
    if (parent === null) return 'outdated';
    const at: Position = { parent, name };
    if (unchangedParts(node, store.capabilities) === undefined) {
      const fetched = await fetcher.complete(node).catch((error: unknown) => ({ error }));
      // The plan was for this place; another one may be taken.
      if (!isAt(node, at)) return 'outdated';
      if (fetched !== undefined) throw fetched.error;
    }
    const withContent = await this.#metadata.withContent(node, signal);
    const { metadata } = withContent;
    if (!(await holder.direct.rest(node)) || !isAt(node, at)) return 'outdated';
    const path = this.#context.pathOf(at);
    const { contentVersion, modified } = node;
    const sent: Sent = { ...at, size: node.size, modified, version: contentVersion };
    const upload: Upload = { sent, replaced, ...withContent };
    const before = node.sent;
    const stop = new AbortController();
    const missing = fetcher.missingPartsOf(node);
    const cancel = (): void => stop.abort(new ContentChanged());
    const { content } = node;
    const disk: { failure?: unknown } = {};
    const onUnreadable = (error: unknown): void => void (disk.failure = error);
    const source = this.#sourceOf(node, { cancel, bring: missing.bring, onUnreadable });
    if (source === undefined) return this.#unreadable(node, content, disk.failure);
    const ifRevision = this.#context.precondition(node.synced ?? replaced?.synced ?? null);
    const resume = this.#context.parts.uploads.resume(node, path);
    const unchanged = unchangedParts(node, store.capabilities);
    const isReadWhole = resume.saved === undefined && unchanged === undefined;
    try {
      const either = AbortSignal.any([signal, stop.signal]);
      const entry = await this.#context.send(node, at, () =>
        store.write(path, source, { ifRevision, modified, metadata, unchanged, resume, signal: either }),
      );
      this.#arrived(node, upload, entry);
      return 'done';
    } catch (error) {
      if (stop.signal.aborted || error instanceof ContentChanged) return this.#cancelled(node, isReadWhole, before);
      if (missing.lost !== undefined) throw missing.lost;
      if (disk.failure !== undefined) return await this.#unreadable(node, content, disk.failure);
      if (isStoreError(error, 'Unsupported') && metadata !== undefined && Object.keys(metadata).length > 0)
        return this.#metadata.refusedWithContent(node, error);
      if (!isStoreError(error, 'Conflict') && !isStoreError(error, 'IsADirectory')) throw error;
      return await this.#meet(node, upload, signal);
    } finally {
      node.cancelUpload = undefined;
      node.progress = null;
    }
  }

  /** Undefined when the disk does not give it back. */
  #sourceOf(node: Node, options: ContentSourceOptions): Source | undefined {
    try {
      return contentSource(node, this.#context.parts.holder, options);
    } catch (error) {
      options.onUnreadable?.(error);
      return undefined;
    }
  }

  async #unreadable(node: Node, content: number, error: unknown): Promise<Outcome> {
    await this.#context.parts.quarantine.failUpload(node, content, error);
    return 'outdated';
  }

  /**
   * The file changed before all of it was read, so the store cannot have taken it; but perhaps what was sent before. An upload
   * that need not read all of it (`isReadWhole`) may have arrived, and is looked for.
   */
  #cancelled(node: Node, isReadWhole: boolean, before: Sent | null): Outcome {
    if (isReadWhole) {
      this.#context.found(node);
      if (before !== null) this.#context.lose(node, before);
    }
    this.#context.parts.tree.save(node);
    return 'outdated';
  }

  #arrived(node: Node, upload: Upload, entry: FileEntry): void {
    const { tree, uploads, holder } = this.#context.parts;
    const { sent, replaced } = upload;
    holder.direct.look(node);
    tree.transaction(() => {
      uploads.forget(node);
      if (replaced !== node) this.#context.dismiss(replaced);
      node.synced = syncedAs(sent.parent, sent.name, entry);
      this.#metadata.arrivedWithContent(node, upload, entry);
      this.#context.found(node);
      if (node.contentVersion === sent.version) {
        node.contentDirty = false;
        tree.afterCommit(() => holder.sent(node));
        node.held = false;
        node.edits = null;
        node.writing = holder.direct.isWritten(node);
        node.conflict = false;
      } else {
        // What was changed since it was sent is among what was changed since the version before.
        node.edits = entry.revision === undefined ? null : (node.edits?.since(entry.revision) ?? null);
      }
      tree.save(node);
    });
  }

  /** Something else stands at the target than we knew: nothing any more, our own version from a repeated call, or somebody else's. */
  async #meet(node: Node, upload: Upload, signal: AbortSignal): Promise<Outcome> {
    const { sent, replaced } = upload;
    const { tree } = this.#context.parts;
    const found = await this.#context.statOrNothing(this.#context.pathOf(sent), signal);
    const isUnchanged = (): boolean => node.contentVersion === sent.version && isLive(node);
    if (found?.kind === 'file') {
      const isOurs = isUnchanged() && (await this.#isOurs(node, found, sent, signal));
      if (isOurs) {
        // An earlier call may have sent it, with an earlier mode.
        this.#arrived(node, { ...upload, shown: nothingShown }, found);
        return 'done';
      }
      if (!isUnchanged()) {
        // What was sent cannot be compared any more; whether it is this is looked for, and then decided.
        this.#context.lose(node, sent);
        tree.save(node);
        return 'outdated';
      }
    }
    if (node.present !== null) throw new LostVersion(tree.pathOf(node));
    this.#context.dismiss(replaced);
    if (found !== undefined) return this.#context.giveWay(node, sent, signal);
    this.#context.found(node);
    node.synced = null;
    tree.save(node);
    return 'outdated';
  }

  /** Whether what stands at the store is what was sent. Of a file that is not whole here, the rest is told by its time. */
  async #isOurs(node: Node, found: FileEntry, sent: Sent, signal: AbortSignal): Promise<boolean> {
    const { store, holder } = this.#context.parts;
    const source = contentSource(node, holder);
    if (node.present === null) return hasSameBytes(store, found, source, signal);
    return isSentAs(found, sent, store.capabilities) && hasSameParts(store, found, source, node.present.all(), signal);
  }
}

/** What was sent of a file, as it was then. */
interface Upload extends SentMetadata {
  readonly sent: Sent;
  /** The removed file whose place it takes. */
  readonly replaced: Node | undefined;
}
