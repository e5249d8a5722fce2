import { createHash } from 'node:crypto';
import type { HttpResponse } from '../../http/http-request.ts';
import { resumingBody } from '../../http/resuming-body.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { rangeOf } from '../../store/range.ts';
import type { CallOptions, Download, ReadOptions } from '../../store/store.ts';
import { encodeName } from '../google/google-client.ts';
import { faultOf } from '../google/google-error.ts';
import { allDrives, type DriveCalls, pathOf } from './drive-calls.ts';
import { fileEntryOf, revisionOf } from './drive-entry.ts';
import { type DriveFile, isFolder, isLink } from './drive-file.ts';
import type { DriveTree } from './drive-tree.ts';
import { linkText } from './link-text.ts';

/** Opens a file: asks what it is, then for the bytes of just that revision. Throws as `Store.read` does. */
export async function readFile(tree: DriveTree, path: string, options: ReadOptions): Promise<Download> {
  const { ifRevision, signal } = options;
  const file = await tree.find(path, { signal });
  if (file === undefined) throw new StoreError('NotFound', { path });
  if (isFolder(file)) throw new StoreError('IsADirectory', { path });
  const entry = fileEntryOf(file, path);
  if (ifRevision !== undefined && ifRevision !== entry.revision) throw new StoreError('Conflict', { path });
  const { start, end } = rangeOf(options, entry.size);
  if (file.exported !== undefined) {
    const bytes = await tree.calls.exports.bytesOf(file, file.exported, { signal });
    return { entry, body: once(bytes.subarray(start, end)) };
  }
  if (isLink(file)) return { entry, body: once(linkText(file).subarray(start, end)) };
  if (start === end) return { entry, body: once(Buffer.alloc(0)) };
  const first = await tree.calls.client.retrying({ signal }, () => open(tree.calls, file, start, end, { signal }));
  return { entry, body: bodyOf(tree.calls, file, { start, end, first, signal }) };
}

interface Opened extends CallOptions {
  readonly start: number;
  readonly end: number;
  readonly first: HttpResponse;
}

async function* bodyOf(
  calls: DriveCalls,
  file: DriveFile,
  { start, end, first, signal }: Opened,
): AsyncGenerator<Uint8Array> {
  let unread: HttpResponse | undefined = first;
  const bytes = resumingBody(
    async (offset) => {
      const answer = unread ?? (await open(calls, file, start + offset, end, { signal }));
      unread = undefined;
      return answer.body;
    },
    { size: end - start, signal },
  );
  const isWhole = start === 0 && end === Number(file.size);
  try {
    yield* isWhole && file.md5Checksum !== undefined ? checked(bytes, end, file.md5Checksum) : bytes;
  } finally {
    // Nobody has begun to read it.
    await (unread as HttpResponse | undefined)?.body.discard();
  }
}

/** The same bytes; the last ones are kept back until all of them are known to fit. */
async function* checked(bytes: AsyncIterable<Uint8Array>, size: number, md5: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('md5');
  let seen = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    seen += chunk.length;
    if (seen === size && hash.digest('hex') !== md5)
      throw new StoreError('Corrupt', { message: 'what arrived is not what Drive keeps' });
    yield chunk;
  }
}

/**
 * The bytes from `start` up to but without `end` of this revision and no other
 * (https://developers.google.com/workspace/drive/api/reference/rest/v3/revisions/get). Who may only look at a file may not ask for revisions; then the
 * file is asked for, and looked at again.
 */
async function open(
  calls: DriveCalls,
  file: DriveFile,
  start: number,
  end: number,
  options: CallOptions,
): Promise<HttpResponse> {
  const { headRevisionId } = file;
  if (headRevisionId === undefined) return await openCurrent(calls, file, start, end, options);
  try {
    return await media(calls, `${pathOf(file.id)}/revisions/${encodeName(headRevisionId)}`, start, end, options);
  } catch (error) {
    const isRefused = isStoreError(error, 'PermissionDenied') || isStoreError(error, 'NotFound');
    if (!isRefused || faultOf(error)?.reason === 'cannotDownloadAbusiveFile') throw error;
    return await openCurrent(calls, file, start, end, options);
  }
}

async function openCurrent(
  calls: DriveCalls,
  file: DriveFile,
  start: number,
  end: number,
  options: CallOptions,
): Promise<HttpResponse> {
  const answer = await media(calls, pathOf(file.id), start, end, options);
  try {
    const now = await calls.get(file.id, options);
    if (now !== undefined && revisionOf(now) === revisionOf(file)) return answer;
    throw new StoreError('Conflict', { message: 'the file was changed while it was opened' });
  } catch (error) {
    await answer.body.discard();
    throw error;
  }
}

async function media(
  { client }: DriveCalls,
  path: string,
  start: number,
  end: number,
  { signal }: CallOptions,
): Promise<HttpResponse> {
  const answer = await client.once({
    operation: 'files.get media',
    method: 'GET',
    path,
    query: { alt: 'media', ...allDrives },
    headers: { range: `bytes=${start}-${end - 1}` },
    signal,
  });
  const isWhole = answer.status === 200 && start === 0;
  const isRange = answer.status === 206 && (answer.headers['content-range'] ?? '').startsWith(`bytes ${start}-`);
  if (isWhole || isRange) return answer;
  await answer.body.discard();
  throw new StoreError('Unavailable', { message: 'Drive answered another range than it was asked for' });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
