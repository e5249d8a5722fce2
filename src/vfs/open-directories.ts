import { mapAnswer } from '../cache/map-answer.ts';
import type { NodeListing, TreeNode } from '../cache/node-tree.ts';
import type { Answer, DirectoryListing, OpenReply, Request } from '../fuse/file-system.ts';
import { interruptible, untilInterrupted } from './answer.ts';
import { Handles } from './handles.ts';
import type { NodeReplies } from './node-replies.ts';

interface OpenDirectory {
  names: NodeListing;
  /** Whether a reading from the start has happened, so that the next one is a rewinddir(3) and wants fresh names. */
  begun: boolean;
}

/** One READDIR: who is read, from where on, and into what. */
interface Reading {
  readonly node: number;
  readonly open: OpenDirectory;
  readonly offset: number;
  readonly listing: DirectoryListing;
  readonly request: Request;
}

/** `.` and `..` have the positions before the names. */
const dots = 2;

/** The directories of a tree that are open, each with the names that it had when it was opened, as far as they have come. */
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

  /** Answers as soon as any name is known. */
  open(node: number, request: Request): Answer<OpenReply> {
    return mapAnswer(this.#names(node, request), (names) => ({ handle: this.#open.add({ names, begun: false }) }));
  }

  /**
   * Positions: 1 is behind `.`, 2 behind `..`, then one for each name, whether it is still there or not. Waits where no name is known
   * behind the position yet; a failure of the listing comes when all names before it were read.
   */
  read(
    node: number,
    handle: number,
    offset: number,
    listing: DirectoryListing,
    request: Request,
  ): void | Promise<() => void> {
    const open = this.#open.find(handle);
    const reading = { node, open, offset, listing, request };
    if (offset !== 0) return this.#read(reading);
    const isRewind = open.begun;
    open.begun = true;
    if (!isRewind) return this.#read(reading);
    const fresh = this.#names(node, request);
    if (fresh instanceof Promise) return fresh.then((names) => () => this.#restart(reading, names));
    return this.#restart(reading, fresh);
  }

  release(handle: number): void {
    this.#open.remove(handle);
  }

  #names(node: number, request: Request): Answer<NodeListing> {
    return interruptible(this.#replies.tree.readDirectory(node - this.#replies.base), request);
  }

  #restart(reading: Reading, names: NodeListing): void {
    reading.open.names = names;
    this.#fill(reading);
  }

  #read(reading: Reading): void | Promise<() => void> {
    const { names } = reading.open;
    if (this.#fill(reading) || names.isWhole) return undefined;
    return this.#whenMore(reading, names);
  }

  async #whenMore(reading: Reading, names: NodeListing): Promise<() => void> {
    let first: TreeNode | undefined;
    let position = reading.offset - dots;
    while (first === undefined) {
      if (position < names.length) first = names.at(position++);
      else if (names.isWhole) return () => undefined;
      else await untilInterrupted(names.more(), reading.request.signal);
    }
    const { id, kind, shownName } = first;
    return () => {
      // What has just gone is told all the same: a reply without any name would end the listing.
      if (!this.#fill(reading))
        reading.listing.add(shownName, id + this.#replies.base, kind === 'directory', position + dots);
    };
  }

  /** Adds what is there and has room; whether that is anything. */
  #fill({ node, open, offset, listing }: Reading): boolean {
    const replies = this.#replies;
    let added = offset;
    if (added < 1 && listing.add('.', node, true, 1)) added = 1;
    if (added === 1 && listing.add('..', replies.parentOf(node), true, dots)) added = dots;
    if (added < dots) return added > offset;
    const seconds = replies.freshFor(node - replies.base);
    for (let position = added - dots; position < open.names.length; position++) {
      const child = open.names.at(position);
      if (child === undefined) continue;
      const reply = listing.plus ? replies.entry(child, seconds) : undefined;
      const next = position + 1 + dots;
      if (!listing.add(child.shownName, child.id + replies.base, child.kind === 'directory', next, reply)) break;
      added = next;
    }
    return added > offset;
  }
}
