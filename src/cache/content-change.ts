import { StoreError } from '../store/errors.ts';
import type { ContentHolder } from './content-holder.ts';
import { beginEdits, noteEdit } from './edits.ts';
import type { Fetcher } from './fetcher.ts';
import type { Node } from './node.ts';
import type { Answer, Waiter } from './node-tree.ts';
import type { Quarantine } from './quarantine.ts';
import type { Tree } from './tree.ts';

/** What it takes to get at the content of a node. */
export interface ContentAccess {
  readonly tree: Tree;
  readonly holder: ContentHolder;
  readonly quarantine: Quarantine;
  readonly fetcher: Fetcher;
  /** Largest file in bytes. */
  readonly maxFileSize: number;
  /** Of files of at least so many bytes the store takes what changed alone; `Infinity`: of none. */
  readonly partialFrom: number;
  /** Bytes that are fetched in advance of one reader at the most. */
  readonly readAhead: number;
  /**
   * For write-through: resolves when the store has a node as it is now, and rejects with why it does not get it. Absent: what is committed here is
   * done.
   */
  readonly whenStored?: ((node: Node, waiter?: Waiter) => Promise<void>) | undefined;
}

/** Throws `TooLarge` for a size that the store does not take. */
export function assertSize(node: Node, size: number, { maxFileSize, tree }: ContentAccess): void {
  if (size <= maxFileSize) return;
  throw new StoreError('TooLarge', {
    operation: 'write',
    path: tree.pathOf(node),
    message: `${size} bytes; the store takes files of ${maxFileSize} bytes at most`,
  });
}

/** Cuts or lengthens a file's content, and commits. Bytes that are cut off are not fetched any more. Throws `TooLarge` and `QuotaExceeded`. */
export function truncateNode(node: Node, size: number, access: ContentAccess): Answer<void> {
  assertSize(node, size, access);
  access.holder.direct.look(node);
  const taken = Math.max(0, size - node.size);
  const ready = size > 0 ? readyToChange(node, taken, access) : access.holder.room.take(taken);
  const cut = (): void => {
    // Making room may have dropped what was here of this very file.
    access.holder.direct.look(node);
    const before = access.holder.bytesOf(node);
    try {
      const known = node.size;
      const content = access.holder.ensure(node);
      beginChange(node, access, size > 0);
      noteEdit(node, known, size);
      access.holder.contents.truncate(content, size);
      if (size < known) node.present?.cut(size);
      else node.present?.add(known, size);
      if (size === 0) node.present = null;
      noteChange(node, size, access);
      access.tree.save(node);
    } finally {
      access.holder.room.give(taken - (access.holder.bytesOf(node) - before));
    }
  };
  return ready === undefined ? cut() : ready.then(cut);
}

/** Takes room for a change of a part of a content; what it changes is on the disk then (`KeptContents`). Throws as `Room.take`. */
export function readyToChange(
  node: Node,
  bytes: number,
  { holder }: ContentAccess,
  waiter?: Waiter,
): Promise<void> | undefined {
  const kept = holder.kept.keepLarge(node);
  const take = (): Promise<void> | void => holder.room.take(bytes, waiter);
  return (kept === undefined ? take() : kept.then(take)) ?? undefined;
}

/** Commits that the content is about to differ from the store's. `keeps`: bytes of before will be part of it. */
export function beginChange(node: Node, { tree, holder }: ContentAccess, keeps = true): void {
  const { contentDirty, writing, edits } = node;
  if (!contentDirty || !writing) {
    if (!contentDirty && keeps) holder.kept.keep(node);
    if (!contentDirty) beginEdits(node);
    node.contentDirty = true;
    node.writing = true;
    try {
      tree.save(node);
    } catch (error) {
      node.contentDirty = contentDirty;
      node.writing = writing;
      node.edits = edits;
      throw error;
    }
  }
  node.cancelUpload?.();
}

/** Notes what the change made of the file. */
export function noteChange(node: Node, size: number, { fetcher, holder }: ContentAccess): void {
  holder.direct.restamp(node);
  node.size = size;
  node.version++;
  node.contentVersion++;
  node.modified = node.changed = node.dirtiedAt = Date.now();
  node.unsaved = true;
  if (node.present !== null) fetcher.changed(node);
}
