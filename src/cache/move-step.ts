import { isGone } from './gone-at-store.ts';
import { isStoreError, type StoreErrorCode } from '../store/errors.ts';
import type { Entry } from '../store/store.ts';
import { type Node, rootNode, type Synced } from './node.ts';
import { isRefusal, isSentAs, type Outcome, type Position, type RemoteContext } from './remote-context.ts';

const targetTaken: ReadonlySet<StoreErrorCode> = new Set([
  'Conflict',
  'AlreadyExists',
  'IsADirectory',
  'NotADirectory',
]);

/** Moves a file or directory at the store, on the condition that its new place is free (or holds what it replaces). */
export class MoveStep {
  readonly #context: RemoteContext;

  constructor(context: RemoteContext) {
    this.#context = context;
  }

  /** `replaced`: the removed file whose place it takes. */
  async run(node: Node, to: Position, replaced: Node | undefined, signal: AbortSignal): Promise<Outcome> {
    const { tree, store } = this.#context.parts;
    const before = node.synced;
    if (before === null) return 'outdated';
    const ifRevision = this.#context.precondition(replaced?.synced ?? null);
    const target = this.#context.pathOf(to);
    try {
      await this.#context.send(node, to, async () => {
        await store.move(tree.syncedPathOf(node), target, { ifRevision, signal });
        const entry = node.kind === 'file' ? await this.#look(target, signal) : undefined;
        tree.transaction(() => {
          this.#context.dismiss(replaced);
          node.synced = { ...before, ...to, revision: this.#revisionAfter(before, entry) };
          this.#context.found(node);
          tree.save(node);
        });
      });
      return 'done';
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return this.#sourceIsMissing(node, before, error, signal);
      if (isStoreError(error) && targetTaken.has(error.code)) return this.#meet(node, to, replaced, signal);
      throw error;
    }
  }

  /** What was moved: not every service keeps its revision. Where that cannot be told now, the file is lost sight of, and looked for. */
  async #look(target: string, signal: AbortSignal): Promise<Entry | undefined> {
    try {
      return await this.#context.statOrNothing(target, signal);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  /**
   * Of the version that was moved. A move takes along what somebody else wrote meanwhile; that is not the version that we know, so the next
   * listing brings it, and an upload meets it.
   */
  #revisionAfter(before: Synced, entry: Entry | undefined): string | undefined {
    if (entry?.kind !== 'file') return before.revision;
    return isSentAs(entry, before, this.#context.parts.store.capabilities) ? entry.revision : before.revision;
  }

  /** If somebody deleted or moved it, what was changed here stays, and the listing tells the rest. */
  async #sourceIsMissing(node: Node, before: Position, error: Error, signal: AbortSignal): Promise<Outcome> {
    const { listing, tree, store } = this.#context.parts;
    if (!(await isGone(node, tree, store, signal))) throw error;
    listing.vanished(node);
    await listing.refreshAgain(before.parent);
    return 'outdated';
  }

  /** Something else stands at the target than we knew: nothing any more, or what somebody else put there. */
  async #meet(node: Node, to: Position, replaced: Node | undefined, signal: AbortSignal): Promise<Outcome> {
    const found = await this.#context.statOrNothing(this.#context.pathOf(to), signal);
    this.#context.dismiss(replaced);
    if (found !== undefined) return this.#context.giveWay(node, to, signal);
    // Perhaps the directory there is none any more; only its listing says so.
    await this.#context.parts.listing.refreshAgain(to.parent);
    return 'outdated';
  }
}

/** Where a node waits at the store while two names are swapped. */
export function asideOf(node: Node): Position {
  return { parent: rootNode, name: `.cloudfusion-moving-${node.id}` };
}
