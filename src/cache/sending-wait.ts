import { StoreError } from '../store/errors.ts';
import { timedOut } from '../store/timed-out.ts';
import { isDirty, isLive } from './changes.ts';
import type { Node } from './node.ts';
import type { Tree } from './tree.ts';
import type { Uploader } from './uploader.ts';

/** What a wait is made of. */
export interface SendingWaitParts {
  readonly tree: Tree;
  readonly uploader: Uploader;
  /** Whether a person asked to send nothing. */
  readonly isPaused: () => boolean;
  /** Milliseconds after which it is given up, counted from the last that moved. */
  readonly patience: number;
}

/**
 * Resolves when the store has a node as it is now, below its directories, and of a directory also its names, but for files that are being written; at once for what was removed. Rejects with the failure of the
 * first that fails, with `Unavailable` when nothing of them moves, or when what would be sent is held, and with the signal's reason. What
 * was not sent stays to be sent.
 */
export async function untilSent(
  node: Node,
  { tree, uploader, isPaused, patience }: SendingWaitParts,
  signal?: AbortSignal,
): Promise<void> {
  const nodes = unsentAt(node, tree);
  if (nodes.length === 0) return;
  // An older failure is no answer to this question.
  uploader.tryAgain((dirty) => nodes.includes(dirty));
  let [moved, seen] = [performance.now(), ''];
  await uploader.drains.until(signal, nodes, (left) => {
    const failed = left.find(({ failure }) => failure !== undefined);
    if (failed !== undefined) throw failureOf(failed, tree);
    const [held] = isPaused() ? left : left.filter((node) => node.held);
    if (held !== undefined) throw waits(held, tree);
    const now = left.map(({ id, sending, progress }) => `${id} ${sending} ${progress?.bytes}`).join();
    if (now !== seen) [moved, seen] = [performance.now(), now];
    const [first] = left;
    if (first !== undefined && performance.now() - moved > patience)
      throw timedOut(patience, { operation: 'write', path: tree.pathOf(first) });
  });
}

/** The node, the directories above it, and what came into it or left it, as far as they differ from the store. */
function unsentAt(node: Node, tree: Tree): Node[] {
  const nodes = node.kind === 'directory' ? unsentNames(node, tree) : [];
  for (let at: Node | undefined = node; at !== undefined && isLive(at); ) {
    if (isDirty(at) || at.sending) nodes.push(at);
    at = at.parent === null ? undefined : tree.find(at.parent);
  }
  return nodes;
}

function unsentNames({ id }: Node, { dirty }: Tree): Node[] {
  const isNews = ({ parent, name, synced, opens, contentDirty }: Node): boolean => {
    if (parent !== id) return synced?.parent === id;
    const isNamed = synced?.parent === id && synced.name === name;
    return !isNamed && !(opens > 0 && contentDirty);
  };
  return [...dirty].filter(isNews);
}

function failureOf(node: Node, tree: Tree): StoreError {
  const { code = 'Unknown', message } = node.failure ?? {};
  const call = { operation: 'write', path: tree.pathOf(node), message };
  return new StoreError(code === 'Unknown' ? 'Unavailable' : code, call);
}

function waits(node: Node, tree: Tree): StoreError {
  const message = 'its upload is paused or held; it stays to be sent';
  return new StoreError('Unavailable', { operation: 'write', path: tree.pathOf(node), message });
}
