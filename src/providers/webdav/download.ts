import { StoreError } from '../../store/errors.ts';
import type { FileEntry } from '../../store/store.ts';
import type { DavAnswer } from './dav-connection.ts';
import { failureOf } from './dav-failure.ts';
import type { DavServer } from './dav-server.ts';
import { findEntry } from './find-resource.ts';
import { timeOf } from './multistatus.ts';
import { opaqueTag, revisionOf } from './revision.ts';

/** The answer to a GET. */
export interface OpenDownload {
  readonly answer: DavAnswer;
  /** Where in the file its body begins. */
  readonly start: number;
  /** Of the whole file. */
  readonly size: number;
}

/**
 * Asks for a file from `start` up to but without `end`. Undefined where the file ends before. Throws `NotFound`, `IsADirectory`, and
 * what the server refuses.
 */
export async function openDownload(
  server: DavServer,
  path: string,
  start: number,
  end: number | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenDownload | undefined> {
  const isRange = start > 0 || end !== undefined;
  const last = end === undefined ? '' : end - 1;
  const headers = { 'accept-encoding': 'identity', range: isRange ? `bytes=${start}-${last}` : undefined };
  const answer = await server.exchange({ method: 'GET', path, headers, signal });
  // Many servers send whoever asks for a directory on to its address with a slash, and show a page there.
  if (answer.place.path.endsWith('/')) {
    await answer.body.discard();
    throw new StoreError('IsADirectory', { path });
  }
  if (answer.status === 206) return partOf(answer, start);
  if (answer.status === 200) {
    if (start > 0) server.refusesRanges = true;
    return { answer, start: 0, size: lengthOf(answer) ?? Number.NaN };
  }
  const failure = await failureOf(answer);
  if (answer.status === 416) return undefined;
  const found = await findEntry(server, path, signal);
  if (found === undefined) throw new StoreError('NotFound', { path });
  throw found.kind === 'directory' ? new StoreError('IsADirectory', { path }) : failure;
}

/** The entry that the headers of a download tell, where they tell the same as listings; undefined where they do not. */
export function toldEntry(server: DavServer, path: string, { answer, size }: OpenDownload): FileEntry | undefined {
  const modified = timeOf(answer.headers['last-modified']);
  if (!Number.isFinite(size) || modified === undefined) return undefined;
  const etag = opaqueTag(answer.headers['etag'] ?? '');
  const revision = server.downloadsTell === 'etag' ? etag : revisionOf({ size, modified });
  const isKnown = server.downloadsTell === 'etag' || server.downloadsTell === 'time';
  return isKnown && revision !== undefined ? { kind: 'file', path, size, modified, revision } : undefined;
}

/** Learns from a file that is known whether the headers of downloads tell what listings tell. */
export function learn(server: DavServer, { answer, size }: OpenDownload, entry: FileEntry): void {
  const modified = timeOf(answer.headers['last-modified']);
  if (Number.isFinite(size) && size !== entry.size) return;
  if (entry.revision !== undefined && opaqueTag(answer.headers['etag'] ?? '') === entry.revision)
    server.downloadsTell = 'etag';
  else if (modified === entry.modified && revisionOf({ size, modified }) === entry.revision)
    server.downloadsTell = 'time';
  else server.downloadsTell = 'nothing';
}

/** `Content-Range: bytes 5-9/10` (RFC 9110 section 14.4). */
function partOf(answer: DavAnswer, wanted: number): OpenDownload {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '') ?? [];
  if (Number(start) !== wanted)
    throw new StoreError('Unavailable', {
      message: `the server answered another range: ${answer.headers['content-range']}`,
    });
  return { answer, start: wanted, size: size === undefined ? Number.NaN : Number(size) };
}

function lengthOf({ headers }: DavAnswer): number | undefined {
  const length = headers['content-length'];
  return length === undefined || headers['content-encoding'] !== undefined ? undefined : Number(length);
}
