import { randomUUID } from 'node:crypto';
import { type Commit, contentHashOf, type DropboxDisk, type StoredEntry } from './dropbox-disk.ts';
import { DropboxRefusal, misunderstand, nested, refuse } from './dropbox-refusal.ts';

/** What calls work on. */
export interface DropboxState {
  readonly disk: DropboxDisk;
  readonly sessions: Map<string, Buffer>;
  readonly cursors: Map<string, readonly object[]>;
  readonly jobs: Map<string, object>;
  /** Entries of a page at the most, whatever is asked for. */
  readonly pageEntries: number;
}

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

/** Calls whose bodies are JSON. */
export const calls: Readonly<Record<string, (state: DropboxState, parameters: Parameters) => unknown>> = {
  'files/get_metadata': ({ disk }, { path }) => {
    const at = pathIn(path);
    if (at === '') misunderstand('Error in call to API function "files/get_metadata": The root folder is unsupported.');
    return metadataOf(disk, at, disk.get(at) ?? refuse('path/not_found'));
  },
  'files/list_folder': (state, { path, recursive, limit }) => {
    const { disk } = state;
    const at = pathIn(path);
    if (limit !== undefined && !(Number(limit) >= 1 && Number(limit) <= 2000)) misunderstand('limit: out of range');
    const folder = at === '' ? undefined : (disk.get(at) ?? refuse('path/not_found'));
    if (folder?.file !== undefined) refuse('path/not_folder');
    const isDirect = (lower: string): boolean => lower.lastIndexOf('/') === at.length;
    const found = disk.below(at).filter(([lower]) => recursive === true || isDirect(lower));
    const itself = recursive === true && folder !== undefined ? [metadataOf(disk, at, folder)] : [];
    const all = [...itself, ...found.map(([lower, entry]) => metadataOf(disk, lower, entry))];
    return page(state, all, Math.min(Number(limit ?? 2000), state.pageEntries));
  },
  'files/list_folder/continue': (state, { cursor }) => {
    const rest = state.cursors.get(String(cursor)) ?? refuse('reset');
    return page(state, rest, state.pageEntries);
  },
  'files/create_folder_v2': ({ disk }, { path }) => {
    const at = pathIn(path);
    return { metadata: metadataOf(disk, at, disk.makeFolder(at), false) };
  },
  'files/delete_v2': ({ disk }, { path, parent_rev: rev }) => {
    const at = pathIn(path);
    return { metadata: metadataOf(disk, at, disk.delete(at, rev as string | undefined)) };
  },
  'files/copy_v2': ({ disk }, { from_path: from, to_path: to }) => {
    const at = pathIn(to);
    return { metadata: metadataOf(disk, at, disk.relocate(pathIn(from), at, false)) };
  },
  'files/move_v2': ({ disk }, { from_path: from, to_path: to }) => {
    const at = pathIn(to);
    return { metadata: metadataOf(disk, at, disk.relocate(pathIn(from), at, true)) };
  },
  'files/restore': ({ disk }, { path, rev }) => {
    const at = pathIn(path);
    return metadataOf(disk, at, disk.restore(at, String(rev)), false);
  },
  'files/delete_batch': ({ disk, jobs }, { entries }) => {
    if (!Array.isArray(entries) || entries.length > 1000) misunderstand('entries: at most 1000');
    const results = entries.map(({ path, parent_rev: rev }: Parameters) => {
      try {
        const at = pathIn(path);
        return { '.tag': 'success', metadata: metadataOf(disk, at, disk.delete(at, rev as string | undefined)) };
      } catch (error) {
        if (!(error instanceof DropboxRefusal) || error.status !== 409) throw error;
        const tags = String(JSON.parse(error.body).error_summary).replace(/\/\.\.$/, '');
        return { '.tag': 'failure', failure: nested(tags) };
      }
    });
    const job = randomUUID();
    jobs.set(job, { '.tag': 'complete', entries: results });
    return { '.tag': 'async_job_id', async_job_id: job };
  },
  'files/delete_batch/check': ({ jobs }, { async_job_id: job }) => {
    const result = jobs.get(String(job)) ?? refuse('invalid_async_job_id');
    const isFirst = !(result as Parameters)['asked'];
    if (isFirst) jobs.set(String(job), { ...result, asked: true });
    return isFirst ? { '.tag': 'in_progress' } : result;
  },
  'users/get_space_usage': ({ disk }) => ({
    used: disk.used,
    allocation: { '.tag': 'individual', allocated: disk.limit },
  }),
};

/** Calls that are sent bytes. */
export const uploads: Readonly<
  Record<string, (state: DropboxState, parameters: Parameters, content: Buffer) => unknown>
> = {
  'files/upload': ({ disk }, parameters, content) => {
    if (content.length > 150 * 2 ** 20) refuse('payload_too_large');
    const at = pathIn(parameters['path']);
    assertCommit(parameters);
    return metadataOf(disk, at, disk.write({ ...parameters, path: at }, content), false);
  },
  'files/upload_session/start': ({ sessions }, _parameters, content) => {
    const id = `pid_upload_session:${randomUUID()}`;
    sessions.set(id, content);
    return { session_id: id };
  },
  'files/upload_session/append_v2': ({ sessions }, { cursor }, content) => {
    const { id, kept } = sessionAt(sessions, cursor, '');
    sessions.set(id, Buffer.concat([kept, content]));
    return null;
  },
  'files/upload_session/finish': ({ disk, sessions }, { cursor, commit }, content) => {
    const { id, kept } = sessionAt(sessions, cursor, 'lookup_failed/');
    assertCommit(commit as Parameters);
    const at = pathIn((commit as Parameters)['path']);
    const entry = disk.write({ ...(commit as Commit), path: at }, Buffer.concat([kept, content]));
    sessions.delete(id);
    return metadataOf(disk, at, entry, false);
  },
};

/** Refuses bytes that do not have the checksum that was told. */
export function assertHash({ content_hash: told }: Parameters, content: Buffer): void {
  if (told !== undefined && told !== contentHashOf(content)) refuse('content_hash_mismatch');
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

const commitFields: ReadonlySet<string> = new Set(
  'path mode autorename client_modified mute strict_conflict content_hash'.split(' '),
);

function assertCommit(commit: Parameters): void {
  for (const name of Object.keys(commit)) if (!commitFields.has(name)) misunderstand(`unknown field '${name}'`);
  const time = commit['client_modified'];
  if (time !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(JSON.stringify(time).slice(1, -1)))
    misunderstand(`client_modified: time data ${JSON.stringify(time)} does not match format '%Y-%m-%dT%H:%M:%SZ'`);
}

function sessionAt(sessions: DropboxState['sessions'], cursor: unknown, field: string): { id: string; kept: Buffer } {
  const { session_id: id, offset } = cursor as Parameters;
  const kept = sessions.get(String(id)) ?? refuse(`${field}not_found`);
  if (offset !== kept.length) refuse(`${field}incorrect_offset`, { correct_offset: kept.length });
  return { id: String(id), kept };
}

function page(state: DropboxState, all: readonly object[], size: number): object {
  const cursor = randomUUID();
  state.cursors.set(cursor, all.slice(size));
  return { entries: all.slice(0, size), cursor, has_more: all.length > size };
}
