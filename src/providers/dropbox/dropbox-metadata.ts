import { isRecord, toldSize, toldTime } from '../../http/told-values.ts';
import { StoreError } from '../../store/errors.ts';
import type { Entry, FileEntry } from '../../store/store.ts';

/** A file or folder as Dropbox tells of it (https://www.dropbox.com/developers/documentation/http/documentation#files-get_metadata). */
export type DropboxMetadata = Readonly<Record<string, unknown>>;

/** The entry at `path`. Throws `Unavailable` for what is no file and no folder. */
export function entryOf(metadata: DropboxMetadata, path: string): Entry {
  if (metadata['.tag'] === 'folder') return { kind: 'directory', path, id: textIn(metadata, 'id') };
  if (metadata['.tag'] === 'file') return fileEntryOf(metadata, path);
  throw strange();
}

/** The file at `path`; answers of calls for files alone have no tag. */
export function fileEntryOf(metadata: DropboxMetadata, path: string): FileEntry {
  return {
    kind: 'file',
    path,
    size: toldSize(metadata['size']),
    modified: toldTime(metadata['client_modified']),
    revision: textIn(metadata, 'rev'),
    id: textIn(metadata, 'id'),
  };
}

/** A text that Dropbox always tells. Throws `Unavailable` where it does not. */
export function textIn(metadata: DropboxMetadata, name: string): string {
  const text = metadata[name];
  if (typeof text !== 'string') throw strange();
  return text;
}

/** Metadata inside an answer. Throws `Unavailable` where there is none. */
export function metadataIn(value: unknown): DropboxMetadata {
  if (!isRecord(value)) throw strange();
  return value;
}

/** A time as Dropbox takes it: in UTC, without fractions of the second. */
export function dropboxTime(milliseconds: number): string {
  return `${new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

function strange(): StoreError {
  return new StoreError('Unavailable', { message: 'Dropbox, or something on the way to it, answered something else' });
}
