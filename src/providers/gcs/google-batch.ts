import { randomUUID } from 'node:crypto';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { DeleteKeysOptions } from '../bucket/bucket.ts';
import { filesPath } from './google-call.ts';
import type { GoogleClient } from '../google/google-client.ts';
import { errorOfFault, parseFault } from '../google/google-error.ts';
import { isBucketMissing, storageMeaning } from './storage-meaning.ts';

/** Calls that Google takes in one request. */
export const deletesAtOnce = 100;

/**
 * Deletes files in one request (https://docs.cloud.google.com/storage/docs/batch). Those that do not exist are deleted already;
 * those that fail for the moment are tried again. Throws the first failure. Answers those that have another generation than was told.
 */
export async function deleteBatch(
  client: GoogleClient,
  bucket: string,
  keys: readonly string[],
  options: DeleteKeysOptions,
): Promise<readonly string[]> {
  let left = keys;
  const kept: string[] = [];
  await client.retrying(options, async () => {
    const failures = await deleteOnce(client, bucket, left, options);
    for (const [key, error] of failures) if (isStoreError(error, 'Conflict') && failures.delete(key)) kept.push(key);
    left = [...failures.keys()];
    const errors = [...failures.values()];
    const failure = errors.find((error) => !error.retryable) ?? errors[0];
    if (failure !== undefined) throw failure;
  });
  return kept;
}

async function deleteOnce(
  client: GoogleClient,
  bucket: string,
  keys: readonly string[],
  { revisions, signal }: DeleteKeysOptions,
): Promise<Map<string, StoreError>> {
  if (keys.length === 0) return new Map();
  const boundary = randomUUID();
  const answer = await client.once({
    operation: 'batch objects.delete',
    method: 'POST',
    path: '/batch/storage/v1',
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    body: batchBody(boundary, bucket, keys, revisions),
    signal,
  });
  const parts = answersIn(await answer.body.text(), answer.headers['content-type'] ?? '');
  const failures = new Map<string, StoreError>();
  for (const [index, key] of keys.entries()) {
    const error = failureOf(parts.get(index));
    if (error !== undefined) failures.set(key, error);
  }
  return failures;
}

function batchBody(
  boundary: string,
  bucket: string,
  keys: readonly string[],
  revisions: ReadonlyMap<string, string> | undefined,
): string {
  const parts = keys.map((key, index) => {
    const generation = revisions?.get(key);
    const query = generation === undefined ? '' : `?ifGenerationMatch=${encodeURIComponent(generation)}`;
    return `--${boundary}\r\ncontent-type: application/http\r\ncontent-id: <${index}>\r\n\r\nDELETE ${filesPath(bucket, key)}${query} HTTP/1.1\r\n\r\n`;
  });
  return `${parts.join('\r\n')}\r\n--${boundary}--\r\n`;
}

interface PartAnswer {
  readonly status: number;
  readonly text: string;
}

/** The answers by the number of their call; Google gives them the id of the call with `response-` before it. */
function answersIn(text: string, contentType: string): Map<number, PartAnswer> {
  const [, boundary] = /boundary="?([^";]+)"?/i.exec(contentType) ?? [];
  const answers = new Map<number, PartAnswer>();
  for (const part of boundary === undefined ? [] : text.split(`--${boundary}`)) {
    const [, id] = /^content-id:\s*<?response-(\d+)>?/im.exec(part) ?? [];
    const [, status] = /^HTTP\/1\.[01] (\d{3})/m.exec(part) ?? [];
    if (id === undefined || status === undefined) continue;
    const body = part.slice(part.indexOf('\r\n\r\n', part.indexOf('HTTP/1.')) + 4);
    answers.set(Number(id), { status: Number(status), text: body.trim() });
  }
  return answers;
}

function failureOf(answer: PartAnswer | undefined): StoreError | undefined {
  if (answer === undefined) {
    return new StoreError('Unavailable', { message: 'Google did not answer all calls of a batch' });
  }
  if (answer.status < 300) return undefined;
  const error = errorOfFault(parseFault(answer.status, answer.text), storageMeaning);
  return answer.status === 404 && !isBucketMissing(error) ? undefined : error;
}
