import { SavableHash } from '../../http/savable-hash.ts';
import { isRecord } from '../../http/told-values.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { concurrentFrom, uploadConcurrently } from './concurrent-session.ts';
import { blockBytes, ContentHash, contentHash } from './content-hash.ts';
import { faultOf } from './dropbox-fault.ts';
import { type DropboxMetadata, metadataIn, textIn } from './dropbox-metadata.ts';
import { heldBytes } from './held-bytes.ts';
import type { LargeUpload } from './large-upload.ts';
import { parseSaved, type SavedParts, type SavedSession } from './saved-session.ts';
import { assertSum } from './small-upload.ts';

/** Each request carries so much of a file at the most, which is held in memory while it is sent. */
export const chunkBytes: number = 2 * blockBytes;

const sessionsAtMost = 3;

/** Sends a file in a session, a very large one in parts beside each other, going on with the session that was saved. Sessions that Dropbox loses, or ended, are begun anew. */
export async function uploadInSessions(upload: LargeUpload): Promise<DropboxMetadata> {
  let saved = parseSaved(upload.resume?.saved, upload.source.size);
  for (let sessions = 1; ; sessions++) {
    try {
      const written = await uploadFrom(upload, saved);
      upload.resume?.save(undefined);
      return written;
    } catch (error) {
      const isFinal = isStoreError(error) && !error.retryable;
      if (isFinal) upload.resume?.save(undefined);
      if (!isLost(error)) throw error;
      if (sessions === sessionsAtMost)
        throw new StoreError('Unavailable', { message: 'Dropbox lost the upload, again and again', cause: error });
      saved = undefined;
    }
  }
}

async function uploadFrom(upload: LargeUpload, told: SavedSession | SavedParts | undefined): Promise<DropboxMetadata> {
  const known = told && (await SavableHash.from('sha256', told.hash));
  const saved = known && told;
  const hash = known ?? (await SavableHash.make('sha256'));
  if (saved !== undefined && 'offset' in saved) return await uploadInSession(upload, hash, saved);
  if (saved !== undefined || upload.source.size > concurrentFrom) return await uploadConcurrently(upload, hash, saved);
  return await uploadInSession(upload, hash, undefined);
}

async function uploadInSession(
  upload: LargeUpload,
  blocks: SavableHash,
  saved: SavedSession | undefined,
): Promise<DropboxMetadata> {
  const { client, commit, source, signal } = upload;
  const hash = new ContentHash(blocks);
  let session = saved?.session;
  let offset = saved?.offset ?? 0;
  await hashBetween(upload, hash, offset - (offset % blockBytes), offset);
  for (;;) {
    const end = Math.min(source.size, offset + chunkBytes);
    const bytes = await heldBytes(source.slice(offset, end), { signal });
    const sum = { content_hash: contentHash(bytes) };
    let arrived = end;
    if (session === undefined) {
      const begun = await client.upload('files/upload_session/start', { close: false, ...sum }, bytes, { signal });
      session = textIn(metadataIn(begun), 'session_id');
    } else {
      const cursor = { session_id: session, offset };
      const isLast = end === source.size;
      const call = isLast ? { cursor, commit, ...sum } : { cursor, close: false, ...sum };
      const operation = isLast ? 'files/upload_session/finish' : 'files/upload_session/append_v2';
      const [correct, answer] = await sendChunk({ offset, end, size: source.size }, () =>
        client.upload(operation, call, bytes, { signal }),
      );
      arrived = correct;
      if (isLast && answer !== undefined) {
        hash.update(bytes);
        return assertSum(answer, hash.digest());
      }
    }
    hash.update(bytes.subarray(0, arrived - offset));
    await hashBetween(upload, hash, end, arrived);
    offset = arrived;
    const state: SavedSession = { session, size: source.size, offset, hash: blocks.state };
    upload.resume?.save(JSON.stringify(state));
  }
}

/** Reads again what is not sent again. */
async function hashBetween(
  { source, signal }: LargeUpload,
  hash: ContentHash,
  from: number,
  to: number,
): Promise<void> {
  for (let at = from; at < to; at += blockBytes)
    hash.update(await heldBytes(source.slice(at, Math.min(to, at + blockBytes)), { signal }));
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
