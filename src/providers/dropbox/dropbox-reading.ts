import type { HttpResponse } from '../../http/http-request.ts';
import { resumingBody } from '../../http/resuming-body.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { rangeOf } from '../../store/range.ts';
import type { CallOptions, Download, FileEntry, ReadOptions } from '../../store/store.ts';
import { ContentHash } from './content-hash.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { faultOf } from './dropbox-fault.ts';
import { statPath } from './dropbox-lookup.ts';
import { type DropboxMetadata, fileEntryOf, metadataIn, textIn } from './dropbox-metadata.ts';
import { dropboxPath } from './dropbox-path.ts';

/** Opens a file; the answer tells of the file, too. Throws as `Store.read` does. */
export async function readFile(client: DropboxClient, path: string, options: ReadOptions): Promise<Download> {
  if (path === '/') throw new StoreError('IsADirectory', { path });
  const { offset = 0, length, ifRevision, signal } = options;
  const opened = length === 0 ? undefined : await openUnlessBehind(client, path, offset, length, { signal });
  if (opened === undefined) {
    const entry = await statPath(client, path, { signal });
    if (entry.kind === 'directory') throw new StoreError('IsADirectory', { path });
    assertRevision(entry, ifRevision);
    if (rangeOf(options, entry.size).start < rangeOf(options, entry.size).end)
      throw new StoreError('Conflict', { path, message: 'the file was changed while it was opened' });
    return { entry, body: nothing() };
  }
  try {
    const metadata = metadataOf(opened);
    const entry = fileEntryOf(metadata, path);
    assertRevision(entry, ifRevision);
    return { entry, body: bodyOf(client, opened, { metadata, entry, ...rangeOf(options, entry.size), signal }) };
  } catch (error) {
    await opened.body.discard();
    throw error;
  }
}

/** Undefined where the file has no such bytes. */
async function openUnlessBehind(
  client: DropboxClient,
  path: string,
  offset: number,
  length: number | undefined,
  options: CallOptions,
): Promise<HttpResponse | undefined> {
  const end = length === undefined ? undefined : offset + length;
  try {
    return await client.retrying(options, () => open(client, dropboxPath(path), offset, end, options));
  } catch (error) {
    // Dropbox has no such range: the file ends before it.
    if (faultOf(error)?.status === 416) return undefined;
    throw error;
  }
}

/** The bytes from `start` on; `file` is a path, or `rev:` and a revision. One attempt. */
async function open(
  client: DropboxClient,
  file: string,
  start: number,
  end: number | undefined,
  options: CallOptions,
): Promise<HttpResponse> {
  const range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? '' : end - 1}`;
  const answer = await client.download('files/download', { path: file }, range, options);
  const isRange = (answer.headers['content-range'] ?? '').startsWith(`bytes ${start}-`);
  if (answer.status === 206 ? isRange : start === 0) return answer;
  await answer.body.discard();
  throw new StoreError('Unavailable', { message: 'Dropbox answered another range than it was asked for' });
}

interface Opened extends CallOptions {
  readonly metadata: DropboxMetadata;
  readonly entry: FileEntry;
  readonly start: number;
  readonly end: number;
}

async function* bodyOf(
  client: DropboxClient,
  first: HttpResponse,
  { metadata, entry, start, end, signal }: Opened,
): AsyncGenerator<Uint8Array> {
  let unread: HttpResponse | undefined = first;
  const bytes = resumingBody(
    async (offset) => {
      const answer = unread ?? (await open(client, `rev:${entry.revision}`, start + offset, end, { signal }));
      unread = undefined;
      return answer.body;
    },
    { size: end - start, signal },
  );
  try {
    const isWhole = start === 0 && end === entry.size;
    yield* isWhole ? checked(bytes, end, textIn(metadata, 'content_hash')) : bytes;
  } finally {
    // Nobody has begun to read it.
    await (unread as HttpResponse | undefined)?.body.discard();
  }
}

/** The same bytes; the last ones are kept back until all of them are known to fit. */
async function* checked(bytes: AsyncIterable<Uint8Array>, size: number, sum: string): AsyncGenerator<Uint8Array> {
  const hash = new ContentHash();
  let seen = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    seen += chunk.length;
    if (seen === size && hash.digest() !== sum)
      throw new StoreError('Corrupt', { message: 'what arrived is not what Dropbox keeps' });
    yield chunk;
  }
}

function metadataOf({ headers }: HttpResponse): DropboxMetadata {
  try {
    return metadataIn(JSON.parse(headers['dropbox-api-result'] ?? 'null'));
  } catch (error) {
    throw isStoreError(error)
      ? error
      : new StoreError('Unavailable', { message: 'Dropbox answered a file without telling which', cause: error });
  }
}

function assertRevision({ path, revision }: FileEntry, ifRevision: string | undefined): void {
  if (ifRevision !== undefined && ifRevision !== revision) throw new StoreError('Conflict', { path });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
