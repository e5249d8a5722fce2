import { StoreError } from '../../store/errors.ts';
import { nameOf, parentOf } from '../../store/path.ts';
import type { FileEntry, Metadata, SetMetadataOptions, Source, WriteOptions } from '../../store/store.ts';
import { fileEntryOf, revisionOf } from './drive-entry.ts';
import { type DriveFile, isFolder, isLink } from './drive-file.ts';
import { giveUp, uploadLarge } from './drive-large-upload.ts';
import { propertiesOf } from './drive-metadata.ts';
import type { DriveTree } from './drive-tree.ts';
import { type DriveUpload, uploadSmall } from './drive-upload.ts';

/** Files of at least this many bytes are uploaded in a session; Drive takes up to 5 MB at once. */
export const resumableFrom: number = 4 << 20;

/** Creates or replaces a file. Drive keeps the former version of a file that is replaced. */
export async function writeFile(
  tree: DriveTree,
  path: string,
  source: Source,
  options: WriteOptions,
): Promise<FileEntry> {
  if (path === '/') throw new StoreError('IsADirectory', { path });
  const { signal, ifRevision } = options;
  if (typeof ifRevision === 'string') assertWritable(await tree.find(path, { signal }), path, ifRevision);
  for (let attempt = 1; ; attempt++) {
    const file = await tree.fresh(path, () => writeOnce(tree, path, source, options));
    if (!file.trashed) return fileEntryOf(file, path);
    // The folder was put into the trash by somebody else, so what is made in it is there too.
    await tree.calls.delete(file.id, { signal });
    tree.forgetWay(path);
    if (attempt > 1) throw new StoreError('Conflict', { path, message: 'the folder was put into the trash' });
  }
}

async function writeOnce(tree: DriveTree, path: string, source: Source, options: WriteOptions): Promise<DriveFile> {
  const { signal, ifRevision, modified, metadata = {} } = options;
  const parent = await tree.ensureDirectory(parentOf(path), { signal });
  return await tree.turns.inTurn([path], signal, async () => {
    const existing = await tree.find(path, { signal });
    assertWritable(existing, path, ifRevision);
    const properties = propertiesOf(metadata, existing?.properties);
    const place = existing === undefined ? { name: nameOf(path), parents: [parent] } : {};
    const modifiedTime = modified === undefined ? undefined : new Date(modified).toISOString();
    const description = { ...place, properties, modifiedTime };
    const file = await send(tree, path, { existing: existing?.id, source, description, signal }, options);
    tree.ids.set(path, file);
    return file;
  });
}

async function send(
  tree: DriveTree,
  path: string,
  upload: DriveUpload,
  { resume, modified, metadata }: WriteOptions,
): Promise<DriveFile> {
  const { source, existing } = upload;
  await giveUp(tree.calls, resume?.obsolete, upload);
  if (source.size >= resumableFrom) {
    const conditions = JSON.stringify([path, existing, modified, metadata]);
    return await uploadLarge(tree.calls, { ...upload, conditions, resume });
  }
  await giveUp(tree.calls, resume?.saved, upload);
  return await uploadSmall(tree.calls, upload);
}

/** Replaces the metadata of a file, and nothing else. */
export async function setMetadata(
  tree: DriveTree,
  path: string,
  metadata: Metadata,
  { ifRevision, signal }: SetMetadataOptions,
): Promise<FileEntry> {
  return await tree.turns.inTurn([path], signal, async () => {
    const file = await tree.find(path, { signal });
    if (file === undefined) throw new StoreError('NotFound', { path });
    if (isFolder(file)) throw new StoreError('IsADirectory', { path });
    if (ifRevision !== undefined && ifRevision !== revisionOf(file)) throw new StoreError('Conflict', { path });
    const { modifiedTime } = file;
    const properties = propertiesOf(metadata, file.properties);
    return fileEntryOf(await tree.calls.update(file.id, { properties, modifiedTime }, { signal }), path);
  });
}

function assertWritable(found: DriveFile | undefined, path: string, ifRevision: string | null | undefined): void {
  if (found !== undefined && isFolder(found)) throw new StoreError('IsADirectory', { path });
  assertRevision(found, path, ifRevision);
  if (found === undefined || !isLink(found)) return;
  const message = 'a document of Google or a shortcut is not replaced by a file; delete it, or choose another name';
  throw new StoreError('Unsupported', { path, message });
}

/** Throws `Conflict` unless a file is in this revision, or is not there for null. */
export function assertRevision(
  found: DriveFile | undefined,
  path: string,
  ifRevision: string | null | undefined,
): void {
  if (ifRevision === undefined) return;
  const revision = found === undefined ? null : revisionOf(found);
  if (revision !== ifRevision) throw new StoreError('Conflict', { path });
}
