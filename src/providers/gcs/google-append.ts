import { randomUUID } from 'node:crypto';
import { StoreError } from '../../store/errors.ts';
import type { ByteRange } from '../../store/store.ts';
import { decodeCrc32c, encodeCrc32c, joinCrc32c } from './crc32c.ts';
import { filesPath } from './google-call.ts';
import type { GoogleClient } from '../google/google-client.ts';
import { type FileResource, fileFields } from './google-resource.ts';
import type { Upload } from './google-upload.ts';

/**
 * Where the ends of files lie until they are joined: below the folder that the store works in. With the slash such a key is no
 * path, so no listing of a store shows it; what a crash left there is found by it.
 */
export function endsPrefix(folder: string): string {
  return `${folder}/.cloudfusion-appended-`;
}

/** A file, and the one at Google of which it is a continuation. */
export interface Appending extends Upload {
  readonly before: FileResource;
  /** What the names of ends begin with. */
  readonly ends: string;
  /** The name under which an earlier call began to write the end. */
  readonly begunEnd: string | undefined;
  /** Writes the end as a file of its own. */
  readonly uploadEnd: (upload: Upload) => Promise<FileResource>;
}

/**
 * The bytes that a new version has in common with the old one from the beginning, if they are the whole old one: all that
 * Google can join are whole files, so a change in the middle is no appending.
 */
export function isAppending(unchanged: readonly ByteRange[], before: number, after: number): boolean {
  const [first] = unchanged;
  return first !== undefined && first.start === 0 && first.end >= before && before > 0 && after >= before;
}

/**
 * Writes a file that goes on where the one at Google ends: only the end is sent, as a file of its own, and Google joins both
 * (https://docs.cloud.google.com/storage/docs/composite-objects). The whole's checksum follows from those of the parts. What was joined
 * has no MD5, which some tools miss.
 */
export async function append(client: GoogleClient, appending: Appending): Promise<FileResource> {
  const { before, source, bucket, key, uploadEnd, ends, begunEnd } = appending;
  const from = Number(before.size);
  const parts: Part[] = [{ key, generation: before.generation }];
  if (source.size === from) return await compose(client, appending, parts, before.crc32c);
  const name = begunEnd?.startsWith(ends) === true ? begunEnd : `${ends}${randomUUID()}`;
  const end = await uploadEnd({
    ...appending,
    key: name,
    source: source.slice(from, source.size),
    precondition: { ifGenerationMatch: '0' },
    description: { contentType: 'application/octet-stream' },
  });
  parts.push({ key: name, generation: end.generation });
  try {
    return await compose(client, appending, parts, joined(before, end));
  } finally {
    const path = filesPath(bucket, name);
    // Not with the caller's signal: an aborted call must not leave it behind.
    await client.done({ operation: 'objects.delete', method: 'DELETE', path, accept: [404] });
  }
}

interface Part {
  readonly key: string;
  readonly generation: string;
}

function joined(before: FileResource, end: FileResource): string | undefined {
  const [first, second] = [decodeCrc32c(before.crc32c), decodeCrc32c(end.crc32c)];
  if (first === undefined || second === undefined) return undefined;
  return encodeCrc32c(joinCrc32c(first, second, Number(end.size)));
}

async function compose(
  client: GoogleClient,
  { bucket, key, precondition, description, source, signal }: Appending,
  parts: readonly Part[],
  sum: string | undefined,
): Promise<FileResource> {
  const sourceObjects = parts.map(({ key: name, generation }) => ({
    name,
    objectPreconditions: { ifGenerationMatch: generation },
  }));
  const file = await client.json<FileResource>({
    operation: 'objects.compose',
    method: 'POST',
    path: `${filesPath(bucket, key)}/compose`,
    query: { fields: fileFields, ...precondition },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sourceObjects, destination: description }),
    signal,
  });
  if (Number(file.size) !== source.size || (sum !== undefined && file.crc32c !== sum)) {
    throw new StoreError('Corrupt', { message: 'what Google joined is not what was to be joined' });
  }
  return file;
}
