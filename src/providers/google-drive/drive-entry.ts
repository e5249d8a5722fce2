import { toldSize, toldTime } from '../../http/told-values.ts';
import type { DirectoryEntry, Entry, FileEntry } from '../../store/store.ts';
import { type DriveFile, isFolder, isLink } from './drive-file.ts';
import { metadataOf } from './drive-metadata.ts';
import { linkText } from './link-text.ts';

/** The entry of what stands at `path`. */
export function entryOf(file: DriveFile, path: string): Entry {
  return isFolder(file) ? directoryEntryOf(file, path) : fileEntryOf(file, path);
}

/** The entry of what is no folder. */
export function fileEntryOf(file: DriveFile, path: string): FileEntry {
  return {
    kind: 'file',
    path,
    size: sizeOf(file),
    modified: toldTime(file.modifiedTime),
    revision: revisionOf(file),
    id: file.id,
    metadata: metadataOf(file.properties),
  };
}

/** Names one version of the content of one file. */
export function revisionOf({ id, headRevisionId, md5Checksum, ...file }: DriveFile): string {
  if (file.exported !== undefined) return `${id}.${file.exported.digest}`;
  return isLink({ id, ...file }) ? id : `${id}.${headRevisionId ?? md5Checksum ?? file.modifiedTime}`;
}

function sizeOf(file: DriveFile): number {
  if (file.exported !== undefined) return file.exported.size;
  return isLink(file) ? linkText(file).length : toldSize(file.size ?? '0');
}

function directoryEntryOf({ id, modifiedTime }: DriveFile, path: string): DirectoryEntry {
  return { kind: 'directory', path, id, modified: toldTime(modifiedTime) };
}
