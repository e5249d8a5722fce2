import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Metadata, SetMetadataOptions } from '../../store/store.ts';
import { encodedMetadata } from '../bucket/metadata-text.ts';
import { filesPath, generationMatch } from './google-call.ts';
import type { GoogleClient } from '../google/google-client.ts';
import { type FileResource, fileFields, fileOfResource } from './google-resource.ts';

/** How often somebody else may change the description meanwhile. */
const tries = 5;

/** What a file is to be described by. */
export interface MetadataChange extends SetMetadataOptions {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Metadata;
}

/**
 * Replaces the metadata of a file: names that are there and are not wanted are taken away one by one, because a patch adds to what it
 * finds (https://docs.cloud.google.com/storage/docs/json_api/v1/objects/patch). The time and what Google keeps for itself stay, and so does
 * the generation. Throws `NotFound`, and `Conflict` where the file has another revision.
 */
export async function setFileMetadata(client: GoogleClient, change: MetadataChange): Promise<FileResource> {
  const { ifRevision } = change;
  for (let tried = 1; ; tried++) {
    const before = await describe(client, change);
    if (ifRevision !== undefined && before.generation !== ifRevision) {
      throw new StoreError('Conflict', { message: 'the file has another revision' });
    }
    try {
      return await patch(client, change, before);
    } catch (error) {
      const isOther = isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound');
      if (!isOther || tried === tries) throw error;
    }
  }
}

async function describe(client: GoogleClient, { bucket, key, signal }: MetadataChange): Promise<FileResource> {
  const query = { fields: fileFields };
  return await client.json({ operation: 'objects.get', method: 'GET', path: filesPath(bucket, key), query, signal });
}

async function patch(client: GoogleClient, change: MetadataChange, before: FileResource): Promise<FileResource> {
  const { bucket, key, metadata, signal } = change;
  const known = Object.keys(fileOfResource(before).metadata ?? {});
  const removed = Object.fromEntries(known.map((name) => [name, null]));
  return await client.json({
    operation: 'objects.patch',
    method: 'PATCH',
    path: filesPath(bucket, key),
    query: {
      fields: fileFields,
      ...generationMatch(before.generation),
      ifMetagenerationMatch: before.metageneration,
    },
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ metadata: { ...removed, ...encodedMetadata(metadata) } }),
    signal,
  });
}
