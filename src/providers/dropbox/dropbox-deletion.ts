import { setTimeout as pause } from 'node:timers/promises';
import { deleteEach } from '../../store/delete-each.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { isRecord } from '../../http/told-values.ts';
import { holdsOnlyTold, knownTrees } from '../../store/known-entries.ts';
import type { CallOptions, DeleteOptions, KnownEntry, Store } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { partError } from './dropbox-fault.ts';
import { listTree } from './dropbox-listing.ts';
import { lookUp } from './dropbox-lookup.ts';
import { type DropboxMetadata, metadataIn, textIn } from './dropbox-metadata.ts';
import { dropboxPath } from './dropbox-path.ts';

/** Entries of one `delete_batch`. */
const batchEntries = 1000;

/** `Store.delete`. That a folder is empty is asked just before. */
export async function deletePath(
  client: DropboxClient,
  path: string,
  { recursive = false, ifRevision, signal }: DeleteOptions,
): Promise<void> {
  if (path === '/') throw new StoreError('InvalidPath', { path, message: 'the root cannot be deleted' });
  const found = await lookUp(client, path, { signal });
  if (found === undefined) return;
  const isFile = found['.tag'] === 'file';
  if (ifRevision !== undefined && !(isFile && found['rev'] === ifRevision)) throw new StoreError('Conflict', { path });
  if (!isFile && !recursive) {
    const { entries } = await client.rpc('files/list_folder', { path: dropboxPath(path), limit: 1 }, { signal });
    if (!Array.isArray(entries) || entries.length > 0) throw new StoreError('NotEmpty', { path });
  }
  const parentRev = isFile ? { parent_rev: ifRevision ?? textIn(found, 'rev') } : {};
  try {
    await client.rpc('files/delete_v2', { path: dropboxPath(path), ...parentRev }, { signal });
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return;
    // It was changed since it was looked at, which matters to nobody.
    if (!isStoreError(error, 'Conflict') || !isFile || ifRevision !== undefined) throw error;
    await deletePath(client, path, { recursive, signal });
  }
}

/** `Store.deleteAll`: files with revisions in batches, a folder that holds just what was told as a whole, all else one by one. */
export async function deleteKnown(
  client: DropboxClient,
  store: Store,
  entries: readonly KnownEntry[],
  { signal }: CallOptions,
): Promise<string[]> {
  const { trees, loose } = knownTrees(entries);
  const [single, batch, kept]: [KnownEntry[], BatchEntry[], string[]] = [[], [], []];
  for (const entry of loose) {
    if (entry.kind === 'file' && entry.revision !== undefined)
      batch.push({ path: entry.path, parent_rev: entry.revision });
    else single.push(entry);
  }
  for (const known of trees) {
    if (known.below.size > 0 && (await holdsOnlyTold(known, listTree(client, known.path, { signal }))))
      batch.push({ path: known.path });
    else single.push(...known.below.values(), { kind: 'directory', path: known.path });
  }
  for (let at = 0; at < batch.length; at += batchEntries)
    kept.push(...(await deleteBatch(client, batch.slice(at, at + batchEntries), { signal })));
  return [...kept, ...(await deleteEach(store, single, { signal }))];
}

interface BatchEntry {
  readonly path: string;
  readonly parent_rev?: string;
}

/** Answers what stays because it is not as told. */
async function deleteBatch(
  client: DropboxClient,
  batch: readonly BatchEntry[],
  options: CallOptions,
): Promise<string[]> {
  const entries = batch.map((entry) => ({ ...entry, path: dropboxPath(entry.path) }));
  let answer = await client.rpc('files/delete_batch', { entries }, options);
  if (answer['.tag'] === 'async_job_id') answer = await finished(client, textIn(answer, 'async_job_id'), options);
  const results: unknown = answer['entries'];
  if (answer['.tag'] !== 'complete' || !Array.isArray(results) || results.length !== batch.length)
    throw new StoreError('Unavailable', { message: 'Dropbox did not tell what it deleted' });
  return batch.filter((_, index) => stays(metadataIn(results[index]))).map(({ path }) => path);
}

/** Asks until a job is done, with growing pauses. */
async function finished(client: DropboxClient, job: string, options: CallOptions): Promise<DropboxMetadata> {
  for (let delay = 50; ; delay = Math.min(2000, delay * 2)) {
    const answer = await client.rpc('files/delete_batch/check', { async_job_id: job }, options);
    if (answer['.tag'] === 'failed') throw partError({ '.tag': 'failed', ...answer });
    if (answer['.tag'] !== 'in_progress') return answer;
    await pause(delay, undefined, { signal: options.signal });
  }
}

function stays(result: DropboxMetadata): boolean {
  if (result['.tag'] !== 'failure') return false;
  const error = partError(isRecord(result['failure']) ? result['failure'] : {});
  if (isStoreError(error, 'NotFound')) return false;
  if (isStoreError(error, 'Conflict') || isStoreError(error, 'IsADirectory')) return true;
  throw error;
}
