import { resumingBody } from '../../http/resuming-body.ts';
import { StoreError } from '../../store/errors.ts';
import type { ByteRange, FileEntry } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { type OpenDownload, openDownload, toldEntry } from './download.ts';
import { findEntry } from './find-resource.ts';

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
  if (start >= end) {
    await first.answer.body.discard();
    return;
  }
  let opened: OpenDownload | undefined = first;
  let isReplaced = false;
  const open = async (offset: number): Promise<AsyncIterable<Uint8Array>> => {
    const download = opened ?? (await reopened(server, entry, start + offset, end, signal));
    opened = undefined;
    if (download !== undefined) return within(download, start + offset, end);
    isReplaced = true;
    throw new StoreError('Unavailable', { path: entry.path, message: 'the file changed while it was being read' });
  };
  yield* resumingBody(open, { size: end - start, signal, mayRepeat: () => !isReplaced });
}

/** The pieces of a download that lie in the range. Ends at its end, and gives the rest of the download up. */
async function* within({ answer, start }: OpenDownload, from: number, end: number): AsyncGenerator<Uint8Array> {
  let at = start;
  for await (const chunk of answer.body) {
    const piece = chunk.subarray(Math.max(0, from - at), Math.max(0, end - at));
    at += chunk.length;
    if (piece.length > 0) yield piece;
    if (at >= end) return;
  }
}

/** Undefined where the file is not the same any more, or where that cannot be told. */
async function reopened(
  server: DavServer,
  entry: FileEntry,
  at: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<OpenDownload | undefined> {
  const opened = await openDownload(server, entry.path, at, end, signal);
  if (opened === undefined) return undefined;
  const now = toldEntry(server, entry.path, opened) ?? (await findEntry(server, entry.path, signal));
  if (now?.kind === 'file' && now.revision !== undefined && now.revision === entry.revision) return opened;
  await opened.answer.body.discard();
  return undefined;
}
