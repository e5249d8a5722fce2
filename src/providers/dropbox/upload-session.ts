import { isRecord } from '../../http/told-values.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Source } from '../../store/store.ts';
import { blockBytes, ContentHash, contentHash } from './content-hash.ts';
import { faultOf } from './dropbox-fault.ts';
import { concurrentFrom, savedPartsIn, uploadConcurrently } from './concurrent-session.ts';
import { type DropboxMetadata, metadataIn, textIn } from './dropbox-metadata.ts';
import { heldBytes } from './held-bytes.ts';
import type { LargeUpload } from './large-upload.ts';
import { assertSum } from './small-upload.ts';

/** Each request carries so much of a file at the most, which is held in memory while it is sent. */
export const chunkBytes: number = 2 * blockBytes;

const sessionsAtMost = 3;

/** What is kept of an upload: its session, and how much of the file it has. */
interface SavedUpload {
  readonly session: string;
  readonly size: number;
  readonly offset: number;
}

/** Sends a file in a session, a very large one in parts beside each other, going on with the session that was saved. Sessions that Dropbox loses, or ended, are begun anew. */
export async function uploadInSessions(upload: LargeUpload): Promise<DropboxMetadata> {
  const told = parsed(upload.resume?.saved);
  let begun = savedIn(told, upload.source.size);
  let parts = savedPartsIn(told, upload.source.size);
  for (let sessions = 1; ; sessions++) {
    try {
      const isConcurrent = begun === undefined && upload.source.size > concurrentFrom;
      const written = await (isConcurrent ? uploadConcurrently(upload, parts) : uploadInSession(upload, begun));
      upload.resume?.save(undefined);
      return written;
    } catch (error) {
      const isFinal = isStoreError(error) && !error.retryable;
      if (isFinal) upload.resume?.save(undefined);
      if (!isLost(error)) throw error;
      if (sessions === sessionsAtMost)
        throw new StoreError('Unavailable', { message: 'Dropbox lost the upload, again and again', cause: error });
      [begun, parts] = [undefined, undefined];
    }
  }
}

async function uploadInSession(upload: LargeUpload, saved: SavedUpload | undefined): Promise<DropboxMetadata> {
  const { client, commit, source, signal } = upload;
  // Of what an earlier call sent, each request had its own checksum.
  let hash = saved === undefined ? new ContentHash() : undefined;
  let session = saved?.session;
  for (let offset = saved?.offset ?? 0; ; ) {
    const end = Math.min(source.size, offset + chunkBytes);
    const bytes = await heldBytes(source.slice(offset, end), { signal });
    const sum = { content_hash: contentHash(bytes) };
    hash?.update(bytes);
    if (session === undefined) {
      const begun = await client.upload('files/upload_session/start', { close: false, ...sum }, bytes, { signal });
      session = textIn(metadataIn(begun), 'session_id');
      offset = end;
    } else {
      const cursor = { session_id: session, offset };
      const isLast = end === source.size;
      const call = isLast ? { cursor, commit, ...sum } : { cursor, close: false, ...sum };
      const operation = isLast ? 'files/upload_session/finish' : 'files/upload_session/append_v2';
      const [arrived, answer] = await sendChunk({ offset, end, size: source.size }, () =>
        client.upload(operation, call, bytes, { signal }),
      );
      if (isLast && answer !== undefined) return assertWhole(answer, source, hash);
      if (arrived !== end) hash = undefined;
      offset = arrived;
    }
    upload.resume?.save(JSON.stringify({ session, size: source.size, offset } satisfies SavedUpload));
  }
}

/** Answers up to where Dropbox has the file. It has more than was known where the answer of an earlier request was lost. */
async function sendChunk(
  { offset, end, size }: { readonly offset: number; readonly end: number; readonly size: number },
  send: () => Promise<DropboxMetadata | undefined>,
): Promise<[number, DropboxMetadata | undefined]> {
  try {
    return [end, await send()];
  } catch (error) {
    const correct = correctOffset(error);
    // Whoever is told to go back, or past the end, goes on with another session.
    if (correct === undefined || correct <= offset || correct > size) throw error;
    return [correct, undefined];
  }
}

/** https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-append_v2: `incorrect_offset`. */
function correctOffset(error: unknown): number | undefined {
  const told = faultOf(error)?.told;
  const lookup = told?.['lookup_failed'];
  const offset = (isRecord(lookup) ? lookup : told)?.['correct_offset'];
  return typeof offset === 'number' ? offset : undefined;
}

function assertWhole(written: DropboxMetadata, { size }: Source, hash: ContentHash | undefined): DropboxMetadata {
  if (hash !== undefined) return assertSum(written, hash.digest());
  if (written['size'] === size) return written;
  throw new StoreError('Corrupt', { message: 'what Dropbox keeps is not as long as what was sent' });
}

const lost: ReadonlySet<string> = new Set([
  'not_found',
  'closed',
  'incorrect_offset',
  'concurrent_session_not_closed',
  'concurrent_session_missing_data',
]);

function isLost(error: unknown): boolean {
  const tags = (faultOf(error)?.tags ?? '').replace(/^lookup_failed\//, '');
  return lost.has(tags);
}

/** What is no state of an upload of so many bytes is as if there were none. */
function savedIn(told: unknown, wanted: number): SavedUpload | undefined {
  const { session, size, offset } = isRecord(told) ? told : {};
  const isOurs = typeof session === 'string' && size === wanted && Number.isSafeInteger(offset);
  return isOurs && Number(offset) > 0 && Number(offset) <= size ? { session, size, offset: Number(offset) } : undefined;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
