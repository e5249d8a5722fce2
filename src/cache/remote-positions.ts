import { StoreError } from '../store/errors.ts';
import type { Node, Synced } from './node.ts';
import type { RemoteActivity } from './remote-activity.ts';
import type { Tree } from './tree.ts';

/** So long is waited for a move under way before its directory can be listed or read. */
const movingTime = 10_000;

/** A position, with the names in its directory that were changed since the watch began. */
export interface WatchedPosition {
  readonly parent: number;
  readonly name: string;
  readonly unreliable: ReadonlySet<string>;
  readonly end: () => void;
}

/** Where the store has nodes, while we move them there. */
export class RemotePositions {
  readonly #tree: Tree;
  readonly #activity: RemoteActivity;
  readonly #onWait: () => void;

  /** `onWait` is called when somebody waits until it is known where a node is. */
  constructor(tree: Tree, activity: RemoteActivity, onWait: () => void) {
    this.#tree = tree;
    this.#activity = activity;
    this.#onWait = onWait;
  }

  /** Watches the positions of a directory and of all above it. */
  watchAbove(directory: Node): WatchedPosition[] {
    const above: WatchedPosition[] = [];
    for (const { parent, name } of this.#positionsAbove(directory))
      above.push({ ...this.#activity.watch(parent), parent, name });
    return above;
  }

  /**
   * Resolves when neither the node nor a directory above it is being moved at the store. Throws `Unavailable` when that takes
   * too long, for example because nobody knows where it is while the store cannot be reached.
   */
  async whenPlaced(node: Node): Promise<void> {
    for (const position of this.#positionsAbove(node)) await this.whenEnded(position);
  }

  /** The directory in which the store has a node. */
  aboveOf({ synced }: Node): Node | undefined {
    return synced === null ? undefined : this.#tree.find(synced.parent);
  }

  /** Resolves when nothing changes what is at a position; throws as `whenPlaced`. */
  async whenEnded({ parent, name }: { readonly parent: number; readonly name: string }): Promise<void> {
    const ended = this.#activity.ended(parent, name);
    if (ended === undefined) return;
    this.#onWait();
    const { promise, reject } = Promise.withResolvers<never>();
    const late = (): void => reject(new StoreError('Unavailable', { path: name, message: 'it is being moved' }));
    const timer = setTimeout(late, movingTime);
    await Promise.race([ended, promise]).finally(() => clearTimeout(timer));
  }

  /** Where the store has a node and the directories above it, as far up as they are known. */
  *#positionsAbove(node: Node): Generator<Synced> {
    for (let at: Node | undefined = node; at?.synced; at = this.aboveOf(at)) yield at.synced;
  }
}
