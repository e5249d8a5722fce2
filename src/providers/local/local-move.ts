import type { BigIntStats } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { parentOf } from '../../store/path.ts';
import type { TransferOptions } from '../../store/store.ts';
import { assertTransfer } from '../../store/transfer-rules.ts';
import { withLock } from './keyed-lock.ts';
import type { LocalDisk } from './local-disk.ts';
import { errnoOf, type LocalCall, LocalRefusal } from './local-errors.ts';
import { assertParent, assertRevision } from './local-rules.ts';

/** Renames, durably. Answers false when that is impossible because the two places are on different file systems. */
export async function moveLocally(
  disk: LocalDisk,
  from: string,
  to: string,
  options: TransferOptions,
  call: LocalCall,
): Promise<boolean> {
  if ((await places(disk, from, to, options, call)) === undefined) return true;
  await disk.makeDirectory(parentOf(to));
  const isDone = await withLock(disk.root.absolute(to), async () => {
    const found = await places(disk, from, to, options, call);
    options.signal?.throwIfAborted();
    return found === undefined || renameHere(disk, from, to, areLinked(found));
  });
  await Promise.all([disk.sync(parentOf(to)), disk.sync(parentOf(from))]);
  return isDone;
}

interface Places {
  readonly source: BigIntStats;
  readonly target: BigIntStats | undefined;
}

/** What stands at both paths, if the rules allow the move; undefined when there is nothing to do. */
async function places(
  { root }: LocalDisk,
  from: string,
  to: string,
  { ifRevision }: TransferOptions,
  { store }: LocalCall,
): Promise<Places | undefined> {
  const { stats: source } = await root.find(from);
  if (source === undefined) throw new LocalRefusal('NotFound', 'there is no such file or directory');
  const { stats: target, parent } = await root.find(to);
  if (!assertTransfer({ operation: 'move', store, from, to }, kindOf(source), target && kindOf(target)))
    return undefined;
  assertParent(parent);
  assertRevision(target, ifRevision);
  return { source, target };
}

async function renameHere({ root }: LocalDisk, from: string, to: string, areLinked: boolean): Promise<boolean> {
  try {
    // rename(2) does nothing, and says success, when both names are links to one file.
    if (areLinked) await unlink(root.absolute(from));
    else await rename(root.absolute(from), root.absolute(to));
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EXDEV') return false;
    throw error;
  }
}

function areLinked({ source, target }: Places): boolean {
  return target !== undefined && source.nlink > 1n && source.dev === target.dev && source.ino === target.ino;
}

function kindOf(stats: BigIntStats): 'file' | 'directory' {
  return stats.isDirectory() ? 'directory' : 'file';
}
