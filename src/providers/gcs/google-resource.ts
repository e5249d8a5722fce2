import { isTexts, toldSize, toldTime } from '../../http/told-values.ts';
import { StoreError } from '../../store/errors.ts';
import type { Metadata } from '../../store/store.ts';
import type { StoredFile } from '../bucket/bucket.ts';
import { encodedMetadata, metadataIn } from '../bucket/metadata-text.ts';

/** What is asked of a file's description, and what comes (https://docs.cloud.google.com/storage/docs/json_api/v1/objects#resource). */
export interface FileResource {
  readonly name: string;
  readonly size: string;
  readonly generation: string;
  readonly metageneration: string;
  readonly timeCreated: string;
  readonly contentType?: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The fields of `FileResource`. */
export const fileFields = 'name,size,generation,metageneration,timeCreated,contentType,crc32c,metadata';

/** The key of the modification time in a file's metadata: RFC 3339, as rclone writes and reads it. */
export const timeKey = 'mtime';

/** What a client says of a file that it writes. */
export function describedFile({ modified, contentType, metadata }: Described): Record<string, unknown> {
  return {
    contentType: contentType ?? 'application/octet-stream',
    metadata: { ...encodedMetadata(metadata), [timeKey]: new Date(modified ?? Date.now()).toISOString() },
  };
}

/** As `PutOptions`. */
export interface Described {
  readonly modified?: number | undefined;
  readonly contentType?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

/** Bytes that names and texts of metadata may have, the time left out (https://docs.cloud.google.com/storage/quotas#objects). */
export const googleMetadataBytes: number = 8192 - 64;

/** The file that a description stands for. Throws `Unavailable` for what is none. */
export function fileOfResource(resource: FileResource): StoredFile {
  const { name, generation, metadata } = resource;
  if (typeof name !== 'string' || typeof generation !== 'string' || !isTexts(metadata))
    throw new StoreError('Unavailable', { message: 'what was answered does not describe a file' });
  return {
    key: resource.name,
    size: toldSize(resource.size),
    modified: keptTime(resource.metadata) ?? toldTime(resource.timeCreated),
    revision: resource.generation,
    contentType: resource.contentType,
    metadata: metadataIn(Object.entries(resource.metadata ?? {})),
  };
}

/** The time that rclone, this project or gsutil (`goog-reserved-file-mtime`, in seconds) has kept. */
export function keptTime(metadata: FileResource['metadata'] = {}): number | undefined {
  const text = metadata[timeKey];
  if (text !== undefined && /^\d{4}-\d\d-\d\dT/.test(text)) return known(Date.parse(text));
  const seconds = text ?? metadata['goog-reserved-file-mtime'];
  return seconds === undefined || !/^-?\d{1,12}(?:\.\d+)?$/.test(seconds)
    ? undefined
    : Math.trunc(Number(seconds) * 1000);
}

function known(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
