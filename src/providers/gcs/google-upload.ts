import { randomUUID } from 'node:crypto';
import { SourceFailure } from '../../http/source-failure.ts';
import { exactStream } from '../../store/exact-stream.ts';
import { isStoreError } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import type { CallOptions, Source } from '../../store/store.ts';
import { encodeCrc32c } from './crc32c.ts';
import { filesPath } from './google-call.ts';
import { type GoogleClient, type GoogleQuery, jsonIn, sendingDeadline } from '../google/google-client.ts';
import { type FileResource, fileFields } from './google-resource.ts';
import { enclosed, sumOf } from './summed-source.ts';

/** Sources of this size are read once and held; larger ones are read for their checksum, and again for each request. */
const held = 1 << 20;

/** A file to be written, and what is said about it. */
export interface Upload extends CallOptions {
  readonly bucket: string;
  readonly key: string;
  readonly source: Source;
  /** As `describedFile` makes it. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly precondition: GoogleQuery;
}

/**
 * Writes a file in one request, description and content together; Google refuses it unless the checksum fits
 * (https://docs.cloud.google.com/storage/docs/uploading-objects#rest-upload-objects).
 */
export async function uploadSmall(client: GoogleClient, upload: Upload): Promise<FileResource> {
  const { bucket, key, description, precondition, signal } = upload;
  const source = await heldSource(upload);
  const sum = encodeCrc32c(await sumOf(source, 0, { signal }));
  const boundary = randomUUID();
  const body = enclosed(
    Buffer.from(
      `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify({ ...description, name: key, crc32c: sum })}\r\n--${boundary}\r\ncontent-type: ${String(description['contentType'])}\r\n\r\n`,
    ),
    source,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  );
  const work = async (attempt: number): Promise<FileResource> => {
    try {
      const answer = await client.once({
        operation: 'objects.insert',
        method: 'POST',
        path: `/upload${filesPath(bucket)}`,
        query: { uploadType: 'multipart', fields: fileFields, ...precondition },
        headers: { 'content-type': `multipart/related; boundary=${boundary}` },
        body,
        signal,
      });
      return await jsonIn<FileResource>(answer);
    } catch (error) {
      if (attempt === 1 || !isStoreError(error, 'Conflict')) throw error;
      return await ownWork(client, upload, sum, error);
    }
  };
  return await client.retrying(upload, work, { deadline: sendingDeadline });
}

/** An earlier attempt may have succeeded, and only its answer was lost. */
async function ownWork(client: GoogleClient, upload: Upload, sum: string, conflict: unknown): Promise<FileResource> {
  const { bucket, key, description, source, signal } = upload;
  const answer = await client.once({
    operation: 'objects.get',
    method: 'GET',
    path: filesPath(bucket, key),
    query: { fields: fileFields },
    accept: [404],
    signal,
  });
  const resource = await jsonIn<Partial<FileResource>>(answer);
  const isOurs =
    answer.status === 200 &&
    resource.crc32c === sum &&
    Number(resource.size) === source.size &&
    JSON.stringify(resource.metadata) === JSON.stringify(description['metadata']);
  if (!isOurs) throw conflict;
  return resource as FileResource;
}

async function heldSource({ source, signal }: Upload): Promise<Source> {
  if (source.size > held) return source;
  const chunks: Uint8Array[] = [];
  try {
    // A source may use its buffer again.
    for await (const chunk of exactStream(source, { signal })) chunks.push(Buffer.from(chunk));
  } catch (error) {
    signal?.throwIfAborted();
    throw new SourceFailure(error);
  }
  return bytesSource(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
}
