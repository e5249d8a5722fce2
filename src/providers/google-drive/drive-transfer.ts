import { StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { nameOf, parentOf } from '../../store/path.ts';
import type { CallOptions, Entry, TransferOptions } from '../../store/store.ts';
import { assertTransfer, type Transfer } from '../../store/transfer-rules.ts';
import { remove } from './drive-deletion.ts';
import { type DriveFile, isFolder, isLink, titleFor } from './drive-file.ts';
import { listTree } from './drive-listing.ts';
import type { DriveTree } from './drive-tree.ts';
import { assertRevision } from './drive-writing.ts';

const copiesAtOnce = 4;

/** `Store.copy` and `Store.move` at Drive, without the bytes passing through here. */
export async function transfer(tree: DriveTree, call: Transfer & TransferOptions, isPermanent: boolean): Promise<void> {
  const { from, to, signal } = call;
  const source = await tree.find(from, { signal });
  if (source === undefined) throw new StoreError('NotFound', { path: from });
  const target = await tree.find(to, { signal });
  if (!assertAllowed(call, source, target)) return;
  const parent = await tree.ensureDirectory(parentOf(to), { signal });
  await tree.turns.inTurn([...new Set([from, to])].sort(), signal, async () => {
    const current = await tree.find(from, { signal });
    if (current === undefined) throw new StoreError('NotFound', { path: from });
    const replaced = await tree.find(to, { signal });
    assertAllowed(call, current, replaced);
    const place = { name: titleFor(current, nameOf(to)), parent };
    if (call.operation === 'move') await move(tree, call, current, place);
    else await copy(tree, call, current, place);
    // The newer one has the name only when the older one is gone; till then readers see the older one.
    if (replaced !== undefined && replaced.id !== current.id) await remove(tree, replaced, { signal }, isPermanent);
  });
}

interface Place {
  /** As Drive keeps it. */
  readonly name: string;
  /** The folder's id. */
  readonly parent: string;
}

/** In one step, whatever lies below. */
async function move(tree: DriveTree, call: Transfer & CallOptions, file: DriveFile, place: Place): Promise<void> {
  const { from, to, signal } = call;
  const { name, parent } = place;
  const { modifiedTime } = file;
  const stays = file.parents?.includes(parent) === true;
  const removed = (file.parents ?? []).join(',');
  const query = stays ? {} : { addParents: parent, removeParents: removed === '' ? undefined : removed };
  const moved = await tree.calls.update(file.id, { name, modifiedTime }, { signal }, query);
  tree.ids.forgetTree(from);
  tree.ids.forgetTree(to);
  tree.ids.set(to, moved);
}

async function copy(tree: DriveTree, call: Transfer & CallOptions, file: DriveFile, place: Place): Promise<void> {
  const { from, to, signal } = call;
  if (!isFolder(file)) {
    const copied = await copyFile(tree, file, place, { signal });
    tree.ids.set(to, copied);
    return;
  }
  await tree.ensureDirectory(to, { signal });
  const entries: Entry[] = await Array.fromAsync(listTree(tree, from, { signal }));
  const pathOfCopy = (path: string): string => to + path.slice(from === '/' ? 0 : from.length);
  for (const { kind, path } of entries)
    if (kind === 'directory') await tree.ensureDirectory(pathOfCopy(path), { signal });
  await forEachConcurrently(
    entries.filter(({ kind }) => kind === 'file'),
    copiesAtOnce,
    async ({ path }) => {
      const original = await tree.find(path, { signal });
      if (original === undefined) throw new StoreError('NotFound', { path });
      const parent = await tree.ensureDirectory(parentOf(pathOfCopy(path)), { signal });
      await copyFile(tree, original, { name: titleFor(original, nameOf(path)), parent }, { signal });
    },
  );
}

async function copyFile(
  tree: DriveTree,
  file: DriveFile,
  { name, parent }: Place,
  options: CallOptions,
): Promise<DriveFile> {
  const { modifiedTime, properties = {} } = file;
  const description = { name, parents: [parent], modifiedTime, properties };
  return await tree.calls.copy(file.id, description, isLink(file), options);
}

function assertAllowed(call: Transfer & TransferOptions, source: DriveFile, target: DriveFile | undefined): boolean {
  const kindOf = (file: DriveFile): Entry['kind'] => (isFolder(file) ? 'directory' : 'file');
  const isToBeDone = assertTransfer(call, kindOf(source), target === undefined ? undefined : kindOf(target));
  if (isToBeDone) assertRevision(target, call.to, call.ifRevision);
  return isToBeDone;
}
