import { parallelBody } from '../../http/parallel-body.ts';
import { resumingBody } from '../../http/resuming-body.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Bucket, StoredDownload, StoredFile } from './bucket.ts';

const partsAtOnce = 4;

/** What is read of which version. */
export interface WantedBytes {
  readonly file: StoredFile;
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The bytes of a download that has begun. Where the connection breaks, the rest of the same version is asked for; it throws
 * `Unavailable` when that version is gone, and what the bucket throws for anything else than a break.
 */
export function bodyReadOn(
  bucket: Bucket,
  first: AsyncIterable<Uint8Array> | undefined,
  wanted: WantedBytes,
): AsyncIterable<Uint8Array> {
  const size = wanted.end - wanted.start;
  let opened = first;
  let replaced = false;
  const open = async (offset: number): Promise<AsyncIterable<Uint8Array>> => {
    const body = opened ?? (await openAt(bucket, { ...wanted, start: wanted.start + offset }));
    opened = undefined;
    if (body !== undefined) return upTo(body, size - offset);
    replaced = true;
    throw new StoreError('Unavailable', { message: 'the file was replaced or deleted while it was read' });
  };
  return resumingBody(open, { size, signal: wanted.signal, mayRepeat: () => !replaced });
}

/**
 * The bytes of a large download: the first part from the connection that is open, the next ones over others at the same time, four
 * parts at the most. That is as much as is kept in memory.
 */
export function bodyInParts(
  bucket: Bucket,
  first: AsyncIterable<Uint8Array>,
  wanted: WantedBytes,
  partBytes: number,
): AsyncIterable<Uint8Array> {
  const { start, end, signal } = wanted;
  const openPart = async (from: number, to: number, stop: AbortSignal): Promise<AsyncIterable<Uint8Array>> =>
    bodyReadOn(bucket, from === start ? first : undefined, { ...wanted, start: from, end: to, signal: stop });
  return parallelBody(openPart, { start, end, rangeBytes: partBytes, concurrency: partsAtOnce, signal });
}

/** The rest of a version, or undefined when it is gone. */
async function openAt(
  bucket: Bucket,
  { file, start, end, signal }: WantedBytes,
): Promise<StoredDownload['body'] | undefined> {
  const range = { offset: start, length: end - start, ifRevision: file.revision, signal };
  try {
    return (await bucket.get(file.key, range))?.body;
  } catch (error) {
    if (isStoreError(error, 'Conflict')) return undefined;
    throw error;
  }
}

/** Leaves a body that has more: its connection is given up. */
async function* upTo(body: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of body) {
    if (chunk.length > left) {
      if (left > 0) yield chunk.subarray(0, left);
      return;
    }
    left -= chunk.length;
    yield chunk;
  }
}
