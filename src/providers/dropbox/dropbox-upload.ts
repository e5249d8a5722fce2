import { SourceFailure } from '../../http/source-failure.ts';
import { exactStream } from '../../store/exact-stream.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions, FileEntry, Source, WriteOptions } from '../../store/store.ts';
import { blockBytes, ContentHash, contentHash } from './content-hash.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { faultOf } from './dropbox-fault.ts';
import { type DropboxMetadata, dropboxTime, fileEntryOf, metadataIn, textIn } from './dropbox-metadata.ts';
import { dropboxPath } from './dropbox-path.ts';

/** Each request carries so much of a file at the most, which is held in memory while it is sent. */
export const chunkBytes: number = 2 * blockBytes;

const sessionsAtMost = 3;

/** `Store.write`: in one request, or in a session of several. Each request carries the checksum of its bytes. */
export async function writeFile(
  client: DropboxClient,
  path: string,
  source: Source,
  options: WriteOptions,
): Promise<FileEntry> {
  if (path === '/') throw new StoreError('IsADirectory', { path });
  const commit = commitOf(path, options);
  const { signal } = options;
  const written =
    source.size <= chunkBytes
      ? await uploadWhole(client, commit, source, { signal })
      : await uploadInSessions(client, commit, source, { signal });
  return fileEntryOf(written, path);
}

/** `strict_conflict`, because Dropbox else lets pass what it thinks does no harm. */
function commitOf(path: string, { ifRevision, modified }: WriteOptions): object {
  const isConditional = ifRevision !== undefined;
  const mode =
    ifRevision === undefined ? 'overwrite' : ifRevision === null ? 'add' : { '.tag': 'update', update: ifRevision };
  return {
    path: dropboxPath(path),
    mode,
    autorename: false,
    mute: true,
    strict_conflict: isConditional,
    ...(modified === undefined ? {} : { client_modified: dropboxTime(modified) }),
  };
}

async function uploadWhole(
  client: DropboxClient,
  commit: object,
  source: Source,
  options: CallOptions,
): Promise<DropboxMetadata> {
  const bytes = await heldBytes(source, options);
  const sum = contentHash(bytes);
  const written = await client.upload('files/upload', { ...commit, content_hash: sum }, bytes, options);
  return assertSum(metadataIn(written), sum);
}

/** Sessions that Dropbox loses are begun anew. */
async function uploadInSessions(
  client: DropboxClient,
  commit: object,
  source: Source,
  options: CallOptions,
): Promise<DropboxMetadata> {
  for (let sessions = 1; ; sessions++) {
    try {
      return await uploadInSession(client, commit, source, options);
    } catch (error) {
      const fault = faultOf(error);
      const isLost = ['lookup_failed/not_found', 'lookup_failed/closed', 'not_found', 'closed'].includes(
        fault?.tags ?? '',
      );
      if (!isLost) throw error;
      if (sessions === sessionsAtMost)
        throw new StoreError('Unavailable', { message: 'Dropbox lost the upload, again and again', cause: error });
    }
  }
}

async function uploadInSession(
  client: DropboxClient,
  commit: object,
  source: Source,
  options: CallOptions,
): Promise<DropboxMetadata> {
  const hash = new ContentHash();
  let session: string | undefined;
  for (let offset = 0; ; ) {
    const end = Math.min(source.size, offset + chunkBytes);
    const bytes = await heldBytes(source.slice(offset, end), options);
    hash.update(bytes);
    const sum = { content_hash: contentHash(bytes) };
    if (session === undefined) {
      const begun = await client.upload('files/upload_session/start', { close: false, ...sum }, bytes, options);
      session = textIn(metadataIn(begun), 'session_id');
    } else if (end < source.size) {
      const cursor = { session_id: session, offset };
      await kept(end, () =>
        client.upload('files/upload_session/append_v2', { cursor, close: false, ...sum }, bytes, options),
      );
    } else {
      const cursor = { session_id: session, offset };
      const written = await client.upload('files/upload_session/finish', { cursor, commit, ...sum }, bytes, options);
      return assertSum(metadataIn(written), hash.digest());
    }
    offset = end;
  }
}

/** A chunk whose answer was lost is there already when it is sent again. */
async function kept(end: number, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    const fault = faultOf(error);
    if (fault?.has('incorrect_offset') === true && fault.told['correct_offset'] === end) return;
    throw error;
  }
}

function assertSum(written: DropboxMetadata, sum: string): DropboxMetadata {
  if (written['content_hash'] === sum) return written;
  throw new StoreError('Corrupt', { message: 'what Dropbox keeps is not what was sent' });
}

async function heldBytes(source: Source, { signal }: CallOptions): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(source.size);
  let at = 0;
  try {
    // Copied at once, because a source may use its buffer again.
    for await (const chunk of exactStream(source, { signal })) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new SourceFailure(error);
  }
  return bytes;
}
