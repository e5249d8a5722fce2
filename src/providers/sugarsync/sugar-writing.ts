import { isStoreError, StoreError } from '../../store/errors.ts';
import { nameOf, parentOf } from '../../store/path.ts';
import type { CallOptions, FileEntry, Source, WriteOptions } from '../../store/store.ts';
import { makeFile } from './sugar-making.ts';
import { assertTaken } from './sugar-names.ts';
import { fileEntryOf, isTop, isUnfinished, revisionOf, type SugarFile, type SugarResource } from './sugar-resource.ts';
import type { SugarTree } from './sugar-tree.ts';

/** Sending much over a slow line takes long: attempts begin within this time, in milliseconds. */
const sendingDeadline = 15 * 60_000;

/**
 * Creates or replaces a file. It is made first and filled by a second request; until then it is none, for this store, and whoever
 * writes under its name fills it. So what a crash leaves between the two does no harm, and needs no name of its own.
 */
export async function writeFile(
  tree: SugarTree,
  path: string,
  source: Source,
  options: WriteOptions,
): Promise<FileEntry> {
  if (path === '/') throw new StoreError('IsADirectory', { path });
  assertTaken(path);
  const { ifRevision, signal } = options;
  if (typeof ifRevision === 'string') assertWritable(await tree.find(path, { signal }), path, ifRevision);
  try {
    return await tree.fresh(() => writeOnce(tree, path, source, options));
  } catch (error) {
    // Somebody else made it meanwhile, which matters to nobody: it is replaced.
    if (ifRevision !== undefined || !isStoreError(error, 'Conflict')) throw error;
    tree.known.forget();
    return await writeOnce(tree, path, source, options);
  }
}

async function writeOnce(
  tree: SugarTree,
  path: string,
  source: Source,
  { ifRevision, signal }: WriteOptions,
): Promise<FileEntry> {
  const parent = await tree.ensureFolder(parentOf(path), { signal });
  if (isTop(parent)) throw noFilesHere(path);
  return await tree.inTurn([path], { signal }, async () => {
    const existing = await tree.child(parent, nameOf(path), { signal }, true);
    const shown = existing === undefined || isUnfinished(existing) ? undefined : existing;
    assertWritable(shown, path, ifRevision);
    const file = existing ?? (await makeFile(tree, { name: nameOf(path), parent }, { signal }));
    const written = await fill(tree, file.ref, source, shown, { signal });
    tree.known.put(parent.ref, written);
    return fileEntryOf(written, path);
  });
}

/** Sends the content, and looks what the service has made of it. */
async function fill(
  { calls }: SugarTree,
  ref: string,
  source: Source,
  replaced: SugarFile | undefined,
  options: CallOptions,
): Promise<SugarFile> {
  const { client } = calls;
  const work = async (): Promise<SugarFile> => {
    await client.retrying(options, () => calls.putData(ref, source, options), { deadline: sendingDeadline });
    const file = await calls.get(ref, options);
    if (file?.kind !== 'file') throw new StoreError('NotFound', { message: 'the file was deleted while it was sent' });
    // Times may be whole seconds: a version of the same second and size would look like the one before.
    const isNew = replaced === undefined || revisionOf(file) !== revisionOf(replaced);
    if (file.isPresent && file.size === source.size && isNew) return file;
    throw new StoreError('Corrupt', { message: notAsSent });
  };
  // The requests are repeated by themselves; the pauses reach over a second.
  const mayRepeat = (error: StoreError): boolean => error.detail === notAsSent;
  return await client.retrying(options, work, { attempts: 4, firstDelay: 500, deadline: sendingDeadline, mayRepeat });
}

const notAsSent = 'SugarSync does not have what was sent';

/** The list of sync folders holds no files. */
export function noFilesHere(path: string): StoreError {
  const message = 'beside the sync folders there are no files; choose one of them, or set `root` to one';
  return new StoreError('Unsupported', { path, message });
}

/** Throws `IsADirectory` for a folder, and `Conflict` for another revision. */
function assertWritable(
  found: SugarResource | undefined,
  path: string,
  ifRevision: string | null | undefined,
): asserts found is SugarFile | undefined {
  if (found?.kind === 'folder') throw new StoreError('IsADirectory', { path });
  assertRevision(found, path, ifRevision);
}

/** Throws `Conflict` unless a file is in this revision, or is not there for null. */
export function assertRevision(
  found: SugarResource | undefined,
  path: string,
  ifRevision: string | null | undefined,
): void {
  if (ifRevision === undefined) return;
  const revision = found?.kind === 'file' ? revisionOf(found) : null;
  if (revision !== ifRevision) throw new StoreError('Conflict', { path });
}
