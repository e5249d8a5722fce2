import { StoreError } from '../store/errors.ts';
import type { Problem } from './cache-report.ts';
import { isLive } from './changes.ts';
import type { ContentHolder } from './content-holder.ts';
import type { LostAndFound } from './lost-and-found.ts';
import type { Node } from './node.ts';
import type { TreeChange } from './node-tree.ts';
import type { Tree } from './tree.ts';
import { isUnreadable } from './unreadable.ts';

/** What a `Quarantine` works on. */
export interface QuarantineParts {
  readonly tree: Tree;
  readonly holder: ContentHolder;
  readonly lostAndFound: LostAndFound;
  readonly onProblem: (problem: Problem) => void;
  readonly onChange: (change: TreeChange) => void;
}

/**
 * Takes contents that cannot be read away from their nodes. What the store has takes their place; what was never sent leaves the tree. The
 * bytes go to `lost+found`, as far as there are any, and a person is told.
 */
export class Quarantine {
  readonly #parts: QuarantineParts;

  constructor(parts: QuarantineParts) {
    this.#parts = parts;
  }

  /**
   * A content could not be read for whoever wants its bytes. Returns when they can be fetched from the store now. Throws `Corrupt` where only
   * this content had them, and what is no failure of its data file as it is.
   */
  refuse(node: Node, content: number, error: unknown): void {
    if (!isUnreadable(error)) throw error;
    if (node.content !== content || (isFetchable(node) && this.#putAside(node, error))) return;
    throw this.#corrupt(node, error);
  }

  /**
   * A content could not be read for an upload. Resolves when it was put aside: what nobody uses and cannot be read a second time. Otherwise
   * it throws `Corrupt`, and what is no failure of its data file as it is.
   */
  async failUpload(node: Node, content: number, error: unknown): Promise<void> {
    if (!isUnreadable(error)) throw error;
    const isUnused = (): boolean => node.content === content && node.opens === 0 && node.direct === null;
    const isBad = isUnused() && !(await this.#parts.holder.contents.files.isReadable(content));
    if (!isBad || !isUnused() || !this.#putAside(node, error)) throw this.#corrupt(node, error);
  }

  /** Nothing is left of a content: there is no data file, or not of this number. */
  missing(node: Node): void {
    const { tree, lostAndFound, onProblem } = this.#parts;
    const path = tree.pathOf(node);
    const isLost = node.contentDirty && isLive(node);
    this.#release(node);
    const message = 'the data file is missing in the cache; unsent changes of it are lost';
    if (isLost) onProblem(lostAndFound.note(`missing-${node.id}`, { path, message }));
  }

  /** The disk has lost the end of a content; what is left, `size` bytes, is what the file has now. */
  shortened(node: Node, size: number): void {
    const { tree, lostAndFound, onProblem } = this.#parts;
    const message = `the disk below the cache kept ${size} of its ${node.size} bytes; the end was not sent and is lost`;
    onProblem(lostAndFound.note(`shortened-${node.id}`, { path: tree.pathOf(node), message }));
  }

  /** Whether it could be done: a data file that cannot even be moved stays where it is. */
  #putAside(node: Node, error: NodeJS.ErrnoException): boolean {
    const { tree, holder, lostAndFound, onProblem } = this.#parts;
    const { content, contentDirty, size, id } = node;
    const rest = contentDirty ? 'what was changed and not sent is in that file alone' : 'the store has it';
    const message = `its data file cannot be read (${error.code}) and was put aside in ${lostAndFound.directory}; ${rest}`;
    // The row goes after the file: in between the file is missing, which is told and not deleted.
    const loss = { path: tree.pathOf(node), message, details: { node: id, size } };
    try {
      onProblem(lostAndFound.take(holder.contents.files.pathOf(content), `content-${content}`, loss));
    } catch (refused) {
      if (!isGone(refused)) return false;
      this.missing(node);
      return true;
    }
    this.#release(node);
    return true;
  }

  #release(node: Node): void {
    const { tree, holder, onChange } = this.#parts;
    const { content, parent, shownName: name } = node;
    holder.room.give(holder.bytesOf(node));
    Object.assign(node, { content: 0, present: null, contentDirty: false, writing: false, edits: null });
    node.version++;
    node.contentVersion++;
    if (node.synced !== null) node.size = node.synced.size;
    if (node.synced === null && parent !== null) {
      tree.detach(node);
      onChange({ kind: 'removed', node: node.id, directory: parent, name });
    } else {
      tree.save(node);
      onChange({ kind: 'content', node: node.id });
    }
    holder.contents.remove(content);
  }

  #corrupt(node: Node, cause: NodeJS.ErrnoException): StoreError {
    const path = this.#parts.tree.pathOf(node);
    return new StoreError('Corrupt', {
      operation: 'read',
      path,
      message: `the disk below the cache cannot read it: ${cause.code}`,
      cause,
    });
  }
}

/** Whether the store has all of the bytes. */
function isFetchable({ synced, contentDirty, direct }: Node): boolean {
  return synced !== null && !contentDirty && direct === null;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
