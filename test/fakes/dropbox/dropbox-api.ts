import { randomUUID } from 'node:crypto';
import { metadataOf, type Parameters, pathIn } from './dropbox-told.ts';
import { listings } from './dropbox-listings.ts';
import { finishBatch, newSession } from './dropbox-sessions.ts';
import type { DropboxState } from './dropbox-state.ts';
import { DropboxRefusal, misunderstand, refuse } from './dropbox-refusal.ts';

/** Calls whose bodies are JSON. */
export const calls: Readonly<Record<string, (state: DropboxState, parameters: Parameters) => unknown>> = {
  'files/get_metadata': ({ disk }, { path }) => {
    const at = pathIn(path);
    if (at === '') misunderstand('Error in call to API function "files/get_metadata": The root folder is unsupported.');
    return metadataOf(disk, at, disk.get(at) ?? refuse('path/not_found'));
  },
  ...listings,
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
        return { '.tag': 'failure', failure: JSON.parse(error.body).error };
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
  'files/upload_session/start_batch': ({ sessions }, { num_sessions: count }) => {
    if (!(Number(count) >= 1 && Number(count) <= 1000)) misunderstand('num_sessions: out of range');
    return { session_ids: Array.from({ length: Number(count) }, () => newSession(sessions, Buffer.alloc(0))) };
  },
  'files/upload_session/finish_batch_v2': finishBatch,
  'users/get_space_usage': ({ disk }) => ({
    used: disk.used,
    allocation: { '.tag': 'individual', allocated: disk.limit },
  }),
};
