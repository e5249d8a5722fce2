import { isStoreError } from '../store/errors.ts';
import { DeleteStep } from './delete-step.ts';
import type { Node } from './node.ts';
import { MetadataStep } from './metadata-step.ts';
import { asideOf, MoveStep } from './move-step.ts';
import type { Operation } from './operation.ts';
import { type Outcome, type Position, RemoteContext, type RemoteParts } from './remote-context.ts';
import { UploadStep } from './upload-step.ts';
import { VerifyStep } from './verify-step.ts';

/**
 * Runs one planned operation at the store and commits what the store is known to hold after it. Each is conditional on what
 * it was known to hold before; where somebody else was faster, both versions stay and the tree is corrected.
 */
export class RemoteOperations {
  readonly #context: RemoteContext;
  readonly #deletes: DeleteStep;
  readonly #metadata: MetadataStep;
  readonly #uploads: UploadStep;
  readonly #moves: MoveStep;
  readonly #verifications: VerifyStep;

  constructor(parts: RemoteParts) {
    this.#context = new RemoteContext(parts);
    this.#deletes = new DeleteStep(this.#context);
    this.#metadata = new MetadataStep(this.#context);
    this.#uploads = new UploadStep(this.#context, this.#metadata);
    this.#moves = new MoveStep(this.#context);
    this.#verifications = new VerifyStep(this.#context);
  }

  /**
   * The paths at the store that an operation would touch now, for keeping apart operations that would disturb each other.
   * Throws `NotFound` when a directory on the way is not at the store (any more).
   */
  pathsOf(operation: Operation): string[] {
    const { tree } = this.#context.parts;
    const node = tree.node(operation.node);
    const positions: (Position | null)[] = [node.synced];
    if (operation.kind === 'verify') positions.push(node.sent);
    else if (operation.kind === 'moveAside') positions.push(asideOf(node));
    else if (operation.kind !== 'delete') positions.push(wantedBy(node));
    const known = positions.filter((position) => position !== null);
    // Where there is no directory, there is nothing to look at.
    const touched = operation.kind === 'verify' ? known.filter(({ parent }) => tree.isReachable(parent)) : known;
    return touched.map((position) => this.#context.pathOf(position));
  }

  /** Sees to a node that `pathsOf` does not find: with the directory above it, it vanished at the store. */
  correct({ node: id }: Operation): void {
    const { tree, listing } = this.#context.parts;
    const node = tree.node(id);
    if (node.synced !== null && !tree.isReachable(node.synced.parent)) listing.vanished(node);
  }

  /**
   * Runs one operation, or several deletes in one call. Resolves when the store and the committed nodes agree about this step.
   * Rejects with the store's error.
   */
  async run(operations: readonly Operation[], signal: AbortSignal): Promise<Outcome> {
    const [operation] = operations;
    if (operation === undefined) return 'done';
    if (operation.kind === 'delete') return this.#delete(operations, signal);
    try {
      return await this.#runOne(operation, signal);
    } catch (error) {
      if (!isStoreError(error, 'NotADirectory')) throw error;
      return this.#directoryIsNone(operation);
    }
  }

  /** Somebody put a file in the place of a directory: until its listing says so, nothing can go into it. */
  async #directoryIsNone({ node: id }: Operation): Promise<Outcome> {
    const { tree, listing } = this.#context.parts;
    const { parent } = tree.node(id);
    if (parent !== null) await listing.refreshAgain(parent);
    return 'outdated';
  }

  async #delete(operations: readonly Operation[], signal: AbortSignal): Promise<Outcome> {
    const { tree } = this.#context.parts;
    const nodes = operations.map(({ node }) => tree.node(node));
    await this.#deletes.run(nodes, signal);
    return 'done';
  }

  async #runOne(operation: Operation, signal: AbortSignal): Promise<Outcome> {
    const { tree } = this.#context.parts;
    const node = tree.node(operation.node);
    const replaced = operation.replaces === undefined ? undefined : tree.find(operation.replaces);
    const wanted = wantedBy(node);
    switch (operation.kind) {
      case 'makeDirectory':
        return wanted === null ? 'outdated' : this.#makeDirectory(node, wanted, signal);
      case 'upload':
        return this.#uploads.run(node, replaced, signal);
      case 'setMetadata':
        return this.#metadata.run(node, signal);
      case 'verify':
        return this.#verifications.run(node, signal);
      case 'move':
        return wanted === null ? 'outdated' : this.#moves.run(node, wanted, replaced, signal);
      case 'moveAside':
        return this.#moves.run(node, asideOf(node), undefined, signal);
      case 'delete':
        return this.#delete([operation], signal);
      default:
        return operation.kind satisfies never;
    }
  }

  async #makeDirectory(node: Node, at: Position, signal: AbortSignal): Promise<Outcome> {
    const { tree, store } = this.#context.parts;
    try {
      await this.#context.send(node, at, () => store.makeDirectory(this.#context.pathOf(at), { signal }));
    } catch (error) {
      if (isStoreError(error, 'AlreadyExists')) return this.#context.giveWay(node, at, signal);
      throw error;
    }
    node.synced = { ...at, size: 0, modified: node.modified };
    this.#context.found(node);
    node.listedAt = Date.now();
    tree.save(node);
    return 'done';
  }
}

/** Where the user has it; null when he removed it. */
function wantedBy({ parent, name }: Node): Position | null {
  return parent === null ? null : { parent, name };
}
