import { toldSize } from '../../http/told-values.ts';
import type { HttpResponse } from '../../http/http-request.ts';
import { isStoreError } from '../../store/errors.ts';
import type { GetOptions, StoredDownload, StoredFile } from '../bucket/bucket.ts';
import { checkedBody, sumInHeaders } from './google-body.ts';
import { filesPath, generationMatch } from './google-call.ts';
import { type GoogleClient, strayAnswer } from '../google/google-client.ts';
import { faultOf } from '../google/google-error.ts';

/** Tells what is known of a file beside its bytes. */
export interface FileKnowledge {
  /** The file as it was last seen in this version, with this metadata, if it was. */
  known(key: string, revision: string, metageneration: string): StoredFile | undefined;
  head(key: string, options: GetOptions): Promise<StoredFile | undefined>;
}

/**
 * Opens a file (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/get). The bytes come without the kept time, so a
 * version that was never seen costs one more request. What is stored compressed is delivered as it is stored.
 */
export async function download(
  client: GoogleClient,
  bucket: string,
  key: string,
  options: GetOptions,
  knowledge: FileKnowledge,
): Promise<StoredDownload | undefined> {
  const answer = await open(client, bucket, key, options);
  if (answer === 'absent') return undefined;
  if (answer === 'empty') return await emptyRange(key, options, knowledge);
  if (answer.headers['x-goog-generation'] === undefined) {
    await answer.body.discard();
    throw strayAnswer();
  }
  const told = answer.headers['x-goog-stored-content-length'] ?? sizeIn(answer);
  const revision = answer.headers['x-goog-generation'];
  const { offset = 0, length = Infinity } = options;
  try {
    const size = toldSize(told);
    const bytes = Math.max(0, Math.min(length, size - offset));
    const crc = bytes === size ? sumInHeaders(answer.headers) : undefined;
    const file = await fileOf(answer, key, { revision, size }, options, knowledge);
    return { file, body: checkedBody(answer.body, { bytes, crc }) };
  } catch (error) {
    await answer.body.discard();
    throw error;
  }
}

/** The answer; or that nothing is there, or nothing in this range. */
async function open(
  client: GoogleClient,
  bucket: string,
  key: string,
  { offset = 0, length, ifRevision, signal }: GetOptions,
): Promise<HttpResponse | 'absent' | 'empty'> {
  const last = length === undefined ? '' : offset + length - 1;
  const isWhole = offset === 0 && length === undefined;
  try {
    return await client.call({
      operation: 'objects.get media',
      method: 'GET',
      path: `/download${filesPath(bucket, key)}`,
      query: { alt: 'media', ...generationMatch(ifRevision) },
      // Without it, what is stored with gzip comes decompressed and whole (docs/transcoding).
      headers: { 'accept-encoding': 'gzip', range: isWhole ? undefined : `bytes=${offset}-${last}` },
      signal,
    });
  } catch (error) {
    if (faultOf(error)?.status === 416) return 'empty';
    if (isStoreError(error, 'NotFound')) return 'absent';
    throw error;
  }
}

async function emptyRange(
  key: string,
  options: GetOptions,
  knowledge: FileKnowledge,
): Promise<StoredDownload | undefined> {
  const file = await knowledge.head(key, options);
  return file === undefined ? undefined : { file, body: nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function fileOf(
  { headers }: HttpResponse,
  key: string,
  { revision, size }: { readonly revision: string; readonly size: number },
  { signal }: GetOptions,
  knowledge: FileKnowledge,
): Promise<StoredFile> {
  const metageneration = headers['x-goog-metageneration'] ?? '';
  const known = knowledge.known(key, revision, metageneration) ?? (await knowledge.head(key, { signal }));
  if (known?.revision === revision) return known;
  const modified = Date.parse(headers['last-modified'] ?? '');
  return { key, size, modified: Number.isNaN(modified) ? 0 : modified, revision, contentType: headers['content-type'] };
}

function sizeIn({ headers }: HttpResponse): string | undefined {
  return /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['content-length'];
}
