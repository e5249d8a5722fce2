import { isStoreError, StoreError } from '../../store/errors.ts';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../store/store.ts';
import { appendPart, type Begun, partsOf } from './batch-appends.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { faultOf, partError } from './dropbox-fault.ts';
import { type DropboxMetadata, metadataIn } from './dropbox-metadata.ts';
import { assertSum } from './small-upload.ts';
import type { WaitingWrite } from './waiting-write.ts';

/** Requests that bring bytes at a time. */
const appendsTogether = 4;

/**
 * Commits many small files in a few requests, and answers each of them: sessions are begun, the bytes of many are brought by one
 * request, and all are committed by one (https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-finish_batch).
 * What the last request has answered is done. Answers those that are to be sent by themselves, because Dropbox lost or refused the
 * batch, and not the file.
 */
export async function uploadBatch(client: DropboxClient, batch: readonly WaitingWrite[]): Promise<WaitingWrite[]> {
  const leaving = new AbortController();
  const leave = (): void => {
    if (batch.every(({ isSettled }) => isSettled)) leaving.abort();
  };
  for (const { options } of batch) options.signal?.addEventListener('abort', leave, { once: true });
  try {
    const begun = await beginSessions(client, batch, leaving);
    const brought: Begun[] = [];
    await forEachConcurrently(partsOf(begun), appendsTogether, async (part) => {
      brought.push(...(await appendPart(client, part, leaving)));
    });
    await client.retrying(leaving, () => commit(client, brought, leaving));
  } catch (error) {
    if (concernsAll(error)) for (const waiting of batch) if (!waiting.isSettled) waiting.reject(error);
  } finally {
    for (const { options } of batch) options.signal?.removeEventListener('abort', leave);
  }
  return batch.filter(({ isSettled }) => !isSettled);
}

async function beginSessions(
  client: DropboxClient,
  batch: readonly WaitingWrite[],
  options: CallOptions,
): Promise<Begun[]> {
  const answer = await client.rpc('files/upload_session/start_batch', { num_sessions: batch.length }, options);
  const ids: unknown = answer['session_ids'];
  if (!Array.isArray(ids) || ids.length !== batch.length || !ids.every((id) => typeof id === 'string'))
    throw new StoreError('Unavailable', { message: 'Dropbox did not begin what it was asked for' });
  return batch.map((waiting, index) => ({ waiting, session: String(ids[index]) }));
}

/** Throws `RateLimited` while some of them wait for other changes in the Dropbox. */
async function commit(client: DropboxClient, brought: readonly Begun[], options: CallOptions): Promise<void> {
  const open = brought.filter(({ waiting, isLost }) => !waiting.isSettled && isLost !== true);
  if (open.length === 0) return;
  const entries = open.map(({ waiting: { write }, session }) => ({
    cursor: { session_id: session, offset: write.bytes.length },
    commit: write.commit,
  }));
  const answer = await client.rpc('files/upload_session/finish_batch_v2', { entries }, options);
  const results: unknown = answer['entries'];
  if (!Array.isArray(results) || results.length !== open.length)
    throw new StoreError('Unavailable', { message: 'Dropbox did not tell what it committed' });
  const failures = open.map((begun, index) => settle(begun, metadataIn(results[index])));
  const busy = failures.find((failure) => failure !== undefined);
  if (busy !== undefined) throw busy;
}

/** Answers one of them; what Dropbox was too busy for is answered to us. */
function settle(begun: Begun, result: DropboxMetadata): StoreError | undefined {
  const { waiting } = begun;
  if (waiting.isSettled) return undefined;
  try {
    if (result['.tag'] !== 'failure') waiting.resolve(assertSum(result, waiting.write.sum));
    else throw partError(metadataIn(result['failure']));
  } catch (error) {
    if (isStoreError(error, 'RateLimited')) return error;
    // The answer of an earlier attempt was lost, or its session.
    if (faultOf(error)?.has('lookup_failed') === true) begun.isLost = true;
    else waiting.reject(error);
  }
  return undefined;
}

/** Whether it would meet each of them by itself, too. */
function concernsAll(error: unknown): boolean {
  if (!isStoreError(error)) return true;
  return error.retryable || error.code === 'Unauthenticated' || error.code === 'PermissionDenied';
}
