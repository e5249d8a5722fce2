import { type ContentAccess, beginChange, noteChange, readyToChange } from './content-change.ts';
import { noteEdit } from './edits.ts';
import type { Node } from './node.ts';
import type { Answer, HoleCalls } from './node-tree.ts';

/** errno.h: there is no data behind the place that was asked about. */
const ENXIO = 6;
const zeros: Uint8Array = new Uint8Array(1 << 20);

/** The next byte at or after `offset` that is data, or a hole; undefined where there is none. See `OpenFile.seek`. */
export function seekIn(
  node: Node,
  offset: number,
  whence: 'data' | 'hole',
  { holder }: ContentAccess,
  holes: HoleCalls | undefined,
): number | undefined {
  const { size, content, present } = node;
  if (offset >= size) return undefined;
  const simple = whence === 'data' ? offset : size;
  // What is not here is a hole on this disk and none of the file.
  if (holes === undefined || content === 0 || present !== null) return simple;
  holder.contents.acquire(content);
  try {
    const descriptor = holder.contents.descriptorOf(content);
    if (descriptor === undefined) return simple;
    const found = holes.seek(descriptor, offset, whence);
    if (found >= 0) return Math.min(found, size);
    return found === -ENXIO && whence === 'data' ? undefined : simple;
  } finally {
    holder.contents.release(content);
  }
}

/** Makes `[start, end)` zeros, as far as the file goes, and commits. Throws `QuotaExceeded`. */
export function clearPart(
  node: Node,
  start: number,
  end: number,
  access: ContentAccess,
  holes: HoleCalls | undefined,
): Answer<void> {
  const { holder, tree } = access;
  const missing = node.content === 0 ? [{ start, end }] : (node.present?.missing(start, end) ?? []);
  const taken = missing.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  const ready = readyToChange(node, taken, access);
  const clear = (): void => {
    holder.direct.look(node);
    const before = holder.bytesOf(node);
    const to = Math.min(end, node.size);
    try {
      if (start >= to) return;
      const content = holder.ensure(node);
      beginChange(node, access);
      noteEdit(node, start, to);
      try {
        makeZeros(content, start, to, access, holes);
        node.present?.add(start, to);
      } finally {
        // On a full disk a part of it may be zeros.
        noteChange(node, node.size, access);
      }
      tree.save(node);
    } finally {
      holder.room.give(taken - (holder.bytesOf(node) - before));
    }
  };
  return ready === undefined ? clear() : ready.then(clear);
}

/** As a hole, where the file system below has any. */
function makeZeros(
  content: number,
  start: number,
  end: number,
  { holder: { contents } }: ContentAccess,
  holes: HoleCalls | undefined,
): void {
  contents.acquire(content);
  try {
    const descriptor = contents.descriptorOf(content);
    if (descriptor !== undefined && holes !== undefined && holes.punch(descriptor, start, end - start) >= 0) return;
    for (let at = start; at < end; at += zeros.length)
      contents.write(content, zeros.subarray(0, Math.min(zeros.length, end - at)), at);
  } finally {
    contents.release(content);
  }
}
