import { mapAnswer } from '../cache/map-answer.ts';
import type { TreeNode } from '../cache/node-tree.ts';
import type { Answer, DirectoryListing, OpenReply, Request } from '../fuse/file-system.ts';
import { interruptible } from './answer.ts';
import { Handles } from './handles.ts';
import type { NodeReplies } from './node-replies.ts';

interface OpenDirectory {
  nodes: readonly TreeNode[];
  /** Whether a reading from the start has happened, so that the next one is a rewinddir(3) and wants fresh names. */
  begun: boolean;
}

/** The directories of a tree that are open, each with the names that it had when it was opened. */
export class OpenDirectories {
  readonly #replies: NodeReplies;
  readonly #open = new Handles<OpenDirectory>();

  constructor(replies: NodeReplies) {
    this.#replies = replies;
  }

  /** Closes all; their handles answer EBADF from now on. */
  close(): void {
    this.#open.removeAll();
  }

  open(node: number, request: Request): Answer<OpenReply> {
    const listed = interruptible(this.#list(node), request);
    return mapAnswer(listed, (nodes) => ({ handle: this.#open.add({ nodes, begun: false }) }));
  }

  /** Positions: 1 is behind `.`, 2 behind `..`, then one for each node of the snapshot, whether it is still there or not. */
  read(node: number, handle: number, offset: number, listing: DirectoryListing): void {
    const replies = this.#replies;
    const open = this.#open.find(handle);
    if (offset === 0) this.#restart(open, node);
    if (offset < 1 && !listing.add('.', node, true, 1)) return;
    if (offset < 2 && !listing.add('..', replies.parentOf(node), true, 2)) return;
    const directory = node - replies.base;
    const seconds = replies.freshFor(directory);
    for (let index = Math.max(0, offset - 2); index < open.nodes.length; index++) {
      const child = open.nodes[index] as TreeNode;
      if (child.parent !== directory) continue;
      const reply = listing.plus ? replies.entry(child, seconds) : undefined;
      if (!listing.add(child.shownName, child.id + replies.base, child.kind === 'directory', index + 3, reply)) return;
    }
  }

  release(handle: number): void {
    this.#open.remove(handle);
  }

  #list(node: number): Answer<readonly TreeNode[]> {
    return this.#replies.tree.list(node - this.#replies.base);
  }

  #restart(open: OpenDirectory, node: number): void {
    const fresh = open.begun ? this.#list(node) : open.nodes;
    open.begun = true;
    // Names that must be fetched come too late for this call, and so does the news that they cannot be: those of opendir stay.
    if (fresh instanceof Promise) fresh.catch(() => undefined);
    else open.nodes = fresh;
  }
}
