import { isStoreError, StoreError } from '../../store/errors.ts';
import type { ByteRange, FileEntry } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { type OpenDownload, openDownload, toldEntry } from './download.ts';
import { findEntry } from './find-resource.ts';

/** Breaks without a single byte between them after which the server is believed to be away. */
const fruitlessBreaks = 3;

/**
 * The bytes of a range of one version of a file. A download that breaks off goes on where it ended, as long as the file is still the
 * same; a server that sends more than was asked for is cut. Throws `Unavailable` where not all bytes can be had.
 */
export async function* resumedBody(
  server: DavServer,
  entry: FileEntry,
  first: OpenDownload,
  { start, end }: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let at = start;
  let opened = first;
  for (let breaks = 0; ; ) {
    try {
      for await (const piece of within(opened, at, end)) {
        at += piece.length;
        breaks = 0;
        yield piece;
      }
      if (at >= end) return;
      throw new StoreError('Unavailable', { message: `the download ended ${end - at} bytes too early` });
    } catch (error) {
      signal?.throwIfAborted();
      if (!isStoreError(error) || !error.retryable || ++breaks > fruitlessBreaks) throw error;
    }
    opened = await reopened(server, entry, at, end, signal);
  }
}

/** The pieces of a download that lie in the range. Ends at its end, and gives the rest of the download up. */
async function* within({ answer, start }: OpenDownload, from: number, end: number): AsyncGenerator<Uint8Array> {
  if (from >= end) {
    await answer.body.discard();
    return;
  }
  let at = start;
  for await (const chunk of answer.body) {
    const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, end - at));
    at += chunk.length;
    if (piece.length > 0) yield piece;
    if (at >= end) return;
  }
}

/** Throws `Unavailable` where the file is not the same any more, or where that cannot be told. */
async function reopened(
  server: DavServer,
  entry: FileEntry,
  at: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<OpenDownload> {
  const opened = await openDownload(server, entry.path, at, end, signal);
  const now =
    opened === undefined
      ? undefined
      : (toldEntry(server, entry.path, opened) ?? (await findEntry(server, entry.path, signal)));
  const isSame = now?.kind === 'file' && now.revision !== undefined && now.revision === entry.revision;
  if (opened !== undefined && isSame) return opened;
  await opened?.answer.body.discard();
  throw new StoreError('Unavailable', { path: entry.path, message: 'the file changed while it was being read' });
}
