import type { BigIntStats } from 'node:fs';
import { copyFile, constants, type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exactStream } from '../../store/exact-stream.ts';
import { parentOf } from '../../store/path.ts';
import type { FileEntry, Source, WriteOptions } from '../../store/store.ts';
import { withLock } from './keyed-lock.ts';
import type { LocalDisk } from './local-disk.ts';
import { localFile } from './local-entry.ts';
import { errnoOf, ForeignError, type LocalCall, LocalRefusal, tolerating } from './local-errors.ts';
import { permissionsIn } from './local-mode.ts';
import { assertWritable } from './local-rules.ts';
import { nameBeside } from './upload-name.ts';
import { removeLeftovers, type Upload } from './uploads.ts';

const triesToRename = 10;

/**
 * Writes a file so that it is seen whole or not at all, also after a power cut: a temporary file in the root takes the bytes and
 * is made durable, a rename shows it, and the directory is made durable. Conditions are checked before the first byte and once
 * more just before the rename, which no other write of this process can interrupt.
 */
export async function writeLocally(
  disk: LocalDisk,
  path: string,
  source: Source,
  options: WriteOptions,
  call: LocalCall,
): Promise<FileEntry> {
  const permissions = permissionsIn(options.metadata);
  const before = await disk.root.find(path);
  assertWritable(before, options.ifRevision);
  const upload = await disk.uploads.begin();
  let renamed = false;
  try {
    await fill(upload.file, exactStream(source, { ...call, signal: options.signal }));
    await keepOwnership(upload.file, before.stats, permissions);
    await keepTime(upload.file, options.modified);
    await upload.file.sync();
    const stats = await withLock(disk.root.absolute(path), () => show(disk, upload, path, options));
    renamed = true;
    await disk.sync(parentOf(path));
    return localFile(path, stats);
  } finally {
    await disk.uploads.end(upload, renamed);
  }
}

async function fill(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let at = 0;
  for await (const chunk of foreign(chunks)) {
    for (let sent = 0; sent < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, sent, chunk.length - sent, at);
      sent += bytesWritten;
      at += bytesWritten;
    }
  }
}

/** A source may fail with an errno of its own, which says nothing about this store. */
async function* foreign(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw new ForeignError(error);
  }
}

/**
 * A file that is replaced keeps its owner where this process may give files away (chown(2)), and its permissions unless others are
 * given. A disk without permissions refuses all: the entry tells what it has instead.
 */
async function keepOwnership(
  file: FileHandle,
  before: BigIntStats | undefined,
  permissions: number | undefined,
): Promise<void> {
  const { uid, gid, mode } = await file.stat();
  const isOther = before !== undefined && (uid !== Number(before.uid) || gid !== Number(before.gid));
  if (isOther) await tolerating(file.chown(Number(before.uid), Number(before.gid)), 'EPERM');
  const wanted = permissions ?? Number(before?.mode ?? mode) & 0o7777;
  if (isOther || (mode & 0o7777) !== wanted) await tolerating(file.chmod(wanted), 'EPERM');
}

async function keepTime(file: FileHandle, modified: number | undefined): Promise<void> {
  if (modified === undefined) return;
  const time = new Date(modified);
  if (Number.isNaN(time.getTime())) throw new RangeError(`modified is a time in milliseconds, not ${modified}`);
  await file.utimes(new Date(), time);
}

/** Gives the upload its name. The file's attributes afterwards are those of the entry: the rename changes its change time. */
async function show(disk: LocalDisk, upload: Upload, path: string, options: WriteOptions): Promise<BigIntStats> {
  for (let tries = 1; tries <= triesToRename; tries++) {
    const place = await disk.root.find(path);
    assertWritable(place, options.ifRevision);
    if (place.parent === 'missing') await disk.makeDirectory(parentOf(path));
    options.signal?.throwIfAborted();
    const stats = await tolerating(renameUpload(upload, disk.root.absolute(path)), 'ENOENT');
    if (stats !== undefined) return stats;
  }
  throw new LocalRefusal('Unavailable', 'the directory was deleted meanwhile, again and again');
}

async function renameUpload(upload: Upload, target: string): Promise<BigIntStats> {
  try {
    await rename(upload.path, target);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    return renameBeside(upload, target);
  }
  return upload.file.stat({ bigint: true });
}

/** The target is on another file system (a mount inside the root), so the last step begins beside it. */
async function renameBeside(upload: Upload, target: string): Promise<BigIntStats> {
  const beside = join(dirname(target), nameBeside(upload.name));
  removeLeftovers(dirname(target));
  let file: FileHandle | undefined;
  let renamed = false;
  try {
    const { atime, mtime, mode } = await upload.file.stat();
    // A mode that is not for us must not keep us from the copy.
    await upload.file.chmod(0o600);
    await copyFile(upload.path, beside, constants.COPYFILE_EXCL);
    file = await open(beside, 'r+');
    await file.utimes(atime, mtime);
    await tolerating(file.chmod(mode & 0o7777), 'EPERM');
    await file.sync();
    await rename(beside, target);
    renamed = true;
    await unlink(upload.path);
    return await file.stat({ bigint: true });
  } finally {
    await file?.close();
    if (!renamed) await tolerating(unlink(beside), 'ENOENT');
  }
}
