import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Bucket, StoredDownload, StoredFile } from './bucket.ts';

const partsAtOnce = 4;

/** Breaks in a row without a byte between them, after which the last one is thrown. */
const fruitlessTries = 3;

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
export async function* bodyReadOn(
  bucket: Bucket,
  first: AsyncIterable<Uint8Array>,
  wanted: WantedBytes,
): AsyncGenerator<Uint8Array> {
  let at = wanted.start;
  let body = first;
  for (let tries = 0; ; ) {
    try {
      for await (const chunk of upTo(body, wanted.end - at)) {
        at += chunk.length;
        tries = 0;
        yield chunk;
      }
      return;
    } catch (error) {
      wanted.signal?.throwIfAborted();
      if (!isStoreError(error, 'Unavailable') || at === wanted.end || ++tries > fruitlessTries) throw error;
    }
    body = await openAt(bucket, { ...wanted, start: at });
  }
}

/**
 * The bytes of a large download: the first part from the connection that is open, the next ones over others at the same time, four
 * of them ahead of the reader at the most. That is as much as is kept in memory.
 */
export async function* bodyInParts(
  bucket: Bucket,
  first: AsyncIterable<Uint8Array>,
  wanted: WantedBytes,
  partBytes: number,
): AsyncGenerator<Uint8Array> {
  const leaving = new AbortController();
  const signal = wanted.signal === undefined ? leaving.signal : AbortSignal.any([wanted.signal, leaving.signal]);
  const parts = partsOf(wanted, partBytes);
  const coming: Promise<Uint8Array[]>[] = [];
  const begin = (): void => {
    const part = parts.shift();
    if (part === undefined) return;
    const chunks = readPart(bucket, { ...part, signal });
    // It is thrown when its turn has come, and told to nobody when that never comes.
    chunks.catch(() => {});
    coming.push(chunks);
  };
  try {
    const opening = parts.shift() ?? wanted;
    for (let count = 0; count < partsAtOnce; count++) begin();
    yield* bodyReadOn(bucket, first, opening);
    for (let part = coming.shift(); part !== undefined; part = coming.shift()) {
      const chunks = await part;
      begin();
      yield* chunks;
    }
  } finally {
    leaving.abort();
  }
}

function partsOf(wanted: WantedBytes, partBytes: number): WantedBytes[] {
  const parts: WantedBytes[] = [];
  for (let start = wanted.start; start < wanted.end; start += partBytes)
    parts.push({ ...wanted, start, end: Math.min(wanted.end, start + partBytes) });
  return parts;
}

async function readPart(bucket: Bucket, part: WantedBytes): Promise<Uint8Array[]> {
  return Array.fromAsync(bodyReadOn(bucket, await openAt(bucket, part), part));
}

async function openAt(bucket: Bucket, { file, start, end, signal }: WantedBytes): Promise<StoredDownload['body']> {
  const range = { offset: start, length: end - start, ifRevision: file.revision, signal };
  try {
    const download = await bucket.get(file.key, range);
    if (download !== undefined) return download.body;
  } catch (error) {
    if (!isStoreError(error, 'Conflict')) throw error;
  }
  throw new StoreError('Unavailable', { message: 'the file was replaced or deleted while it was read' });
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
