import type { DropboxDisk, StoredEntry } from './dropbox-disk.ts';
import { misunderstand, refuse } from './dropbox-refusal.ts';

/** Parameters of a call. */
export type Parameters = Readonly<Record<string, unknown>>;

/** What a file or folder is told as. */
export function metadataOf(disk: DropboxDisk, path: string, entry: StoredEntry, tagged: boolean = true): object {
  const lower = path.toLowerCase();
  const above = lower.slice(0, lower.lastIndexOf('/'));
  const place = { name: entry.name, path_lower: lower, path_display: `${above}/${entry.name}`, id: entry.id };
  if (entry.file === undefined) return { ...(tagged ? { '.tag': 'folder' } : {}), ...place };
  const { content, rev, modified, hash } = entry.file;
  const times = { client_modified: modified, server_modified: modified };
  const told = { ...times, rev, size: content.length, is_downloadable: true, content_hash: hash };
  return { ...(tagged ? { '.tag': 'file' } : {}), ...place, ...told };
}

/** A path as Dropbox takes it. */
export function pathIn(path: unknown): string {
  if (typeof path !== 'string' || !/^(?:\/[^]*)?$/.test(path))
    misunderstand("path: did not match pattern '(/(.|[\\r\\n])*)?'");
  if (path === '') return path;
  if (path.endsWith('/') || path.includes('//')) refuse('path/malformed_path');
  for (const name of path.slice(1).split('/'))
    if (/\\|\u007f| $/.test(name) || name.length > 255) refuse('path/malformed_path');
    else if (/^(?:desktop\.ini|thumbs\.db|\.ds_store|icon\r|\.dropbox|\.dropbox\.attr)$/i.test(name))
      refuse('path/disallowed_name');
  return path;
}
