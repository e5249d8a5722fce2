import { randomUUID } from 'node:crypto';
import { StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { isInside, nameOf, parentOf } from '../../store/path.ts';
import type { CallOptions, Entry, TransferOptions } from '../../store/store.ts';
import { assertTransfer, type Transfer } from '../../store/transfer-rules.ts';
import type { SugarPlace } from './sugar-calls.ts';
import { deletedFolder, takeAway } from './sugar-deletion.ts';
import { makeCopy, makeFolder } from './sugar-making.ts';
import { assertTaken, folded } from './sugar-names.ts';
import { shownOf } from './sugar-listing.ts';
import { isTop, isUnfinished, type SugarFile, type SugarFolder, type SugarResource } from './sugar-resource.ts';
import type { SugarTree } from './sugar-tree.ts';
import { assertRevision, noFilesHere } from './sugar-writing.ts';

const copiesAtOnce = 4;

/** `Store.copy` and `Store.move` at the service, without the bytes passing through here. */
export async function transfer(tree: SugarTree, call: Transfer & TransferOptions, isPermanent: boolean): Promise<void> {
  const { from, to, signal } = call;
  await tree.inTurn([from, to], { signal }, async () => {
    const [source, target] = [await tree.find(from, { signal }), await tree.find(to, { signal })];
    if (source === undefined) throw new StoreError('NotFound', { path: from });
    if (!assertAllowed(call, source, target)) return;
    assertTaken(to);
    const parent = await tree.ensureFolder(parentOf(to), { signal });
    assertPlace(call, source, parent);
    const place = { name: nameOf(to), parent };
    const work = async (): Promise<void> =>
      call.operation === 'move'
        ? await move(tree, source, place, { signal })
        : await copy(tree, source, place, { signal });
    if (target?.kind === 'file' && target.ref !== source.ref)
      await replacing(tree, target, place, { signal }, isPermanent, work);
    else await intoFreePlace(tree, place, source, { signal }, work);
  });
}

/** What was made at the place and never filled would stand in the way. */
async function intoFreePlace(
  tree: SugarTree,
  { name, parent }: SugarPlace,
  { ref }: SugarResource,
  options: CallOptions,
  work: () => Promise<void>,
): Promise<void> {
  const standing = tree.known.called(parent.ref, name);
  if (standing !== undefined && standing.ref !== ref && isUnfinished(standing)) {
    await tree.calls.remove(standing, options);
    tree.known.remove(parent.ref, standing.ref);
  }
  await work();
}

/** The service replaces nothing: what stands there is put aside first, and comes back if the rest fails. */
async function replacing(
  tree: SugarTree,
  replaced: SugarFile,
  { name, parent }: SugarPlace,
  options: CallOptions,
  isPermanent: boolean,
  work: () => Promise<void>,
): Promise<void> {
  const aside = isPermanent
    ? { name: `${name}.replaced-${randomUUID()}` }
    : { parent: await deletedFolder(tree, options) };
  await tree.calls.place(replaced, aside, options);
  tree.known.remove(parent.ref, replaced.ref);
  try {
    await work();
  } catch (error) {
    const standing = (await tree.children(parent, {})).filter((child) => folded(child.name) === folded(name));
    // An answer may have been lost, or nobody waited for it.
    if (shownOf(standing).length === 0) await tree.calls.place(replaced, { name, parent: parent.ref }, {});
    else if (isPermanent) await takeAway(tree, replaced, {}, isPermanent);
    tree.known.forget();
    throw error;
  }
  if (isPermanent) await takeAway(tree, replaced, options, isPermanent);
}

/** In one step, whatever lies below. */
async function move(
  tree: SugarTree,
  resource: SugarResource,
  { name, parent }: SugarPlace,
  options: CallOptions,
): Promise<void> {
  await tree.calls.place(resource, { name, parent: parent.ref }, options);
  tree.known.remove(resource.parent ?? '', resource.ref);
  tree.known.put(parent.ref, { ...resource, name, parent: parent.ref });
}

async function copy(tree: SugarTree, resource: SugarResource, place: SugarPlace, options: CallOptions): Promise<void> {
  if (resource.kind === 'file') return await makeCopy(tree, resource, place, options);
  // All of it before anything is made: the copy must not find itself.
  const children = shownOf(await tree.children(resource, options));
  const made = await makeFolder(tree, place, options);
  await forEachConcurrently(children, copiesAtOnce, async (child) => {
    if (child.kind === 'file') await copy(tree, child, { name: child.name, parent: made }, options);
  });
  for (const child of children)
    if (child.kind === 'folder') await copy(tree, child, { name: child.name, parent: made }, options);
}

/** Whether there is anything to do. Case does not matter to the service, so a path has more than one spelling. */
function assertAllowed(
  call: Transfer & TransferOptions,
  source: SugarResource,
  target: SugarResource | undefined,
): boolean {
  const { operation, from, to } = call;
  if (from !== to && source.ref === target?.ref) return operation === 'move';
  const kindOf = ({ kind }: SugarResource): Entry['kind'] => (kind === 'folder' ? 'directory' : 'file');
  const isToBeDone = assertTransfer(call, kindOf(source), target === undefined ? undefined : kindOf(target));
  if (source.kind === 'folder' && isInside(folded(to), folded(from)))
    throw new StoreError('InvalidPath', { path: to, message: `${from} cannot go into itself` });
  if (isToBeDone) assertRevision(target, to, call.ifRevision);
  return isToBeDone;
}

/** The list of sync folders holds no files, and sync folders stay in it. */
function assertPlace({ operation, from, to }: Transfer, source: SugarResource, parent: SugarFolder): void {
  if (source.kind === 'file' && isTop(parent)) throw noFilesHere(to);
  if (operation === 'copy' || source.kind === 'file') return;
  const isSyncFolder = isTop(parent) || isTop({ ref: source.parent ?? '' });
  const message = 'SugarSync does not move a sync folder, nor a folder beside them';
  if (isSyncFolder) throw new StoreError('Unsupported', { path: from, message });
}
