import type { NodeTree, TreeChange } from '../cache/node-tree.ts';
import type { Notifier } from '../fuse/file-system.ts';

/**
 * Tells the kernel what the service changed, so that it need not ask for what it believes. Nothing is awaited: a request must not
 * wait for a notification, because the kernel may hold what the notification waits for.
 */
export class KernelNews {
  readonly #notify: () => Notifier | undefined;
  readonly #onError: (error: unknown) => void;
  /** Directories whose times moved in this turn: each is told once, however many of its names changed. */
  readonly #moved = new Set<number>();

  /** `notify` answers nobody while no kernel listens. */
  constructor(notify: () => Notifier | undefined, onError: (error: unknown) => void) {
    this.#notify = notify;
    this.#onError = onError;
  }

  /** Inode numbers are the tree's plus `base`. */
  tell(change: TreeChange, tree: NodeTree, base: number): void {
    if (change.kind === 'content' || change.kind === 'attributes') {
      const isContentTheSame = change.kind === 'attributes';
      return this.send((notify) => notify.invalidateNode(change.node + base, isContentTheSame));
    }
    const [directory, node] = [change.directory + base, change.node + base];
    // One that lives on under another name must not be marked dead.
    if (change.kind === 'removed' && isGone(tree, change.node))
      this.send((notify) => notify.deleteEntry(directory, node, change.name));
    else this.send((notify) => notify.invalidateEntry(directory, change.name));
    this.#moveTimes(directory);
  }

  /** Sends one notification. */
  send(send: (notify: Notifier) => Promise<void>): void {
    const notify = this.#notify();
    if (notify !== undefined) send(notify).catch(this.#onError);
  }

  #moveTimes(directory: number): void {
    if (this.#moved.size === 0) setImmediate(() => this.#tellTimes());
    this.#moved.add(directory);
  }

  #tellTimes(): void {
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const directory of moved) this.send((notify) => notify.invalidateNode(directory, true));
  }
}

function isGone(tree: NodeTree, id: number): boolean {
  try {
    return tree.get(id).parent === null;
  } catch {
    return true;
  }
}
