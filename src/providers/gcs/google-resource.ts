import type { StoredFile } from '../bucket/bucket.ts';

/** What is asked of a file's description, and what comes (https://docs.cloud.google.com/storage/docs/json_api/v1/objects#resource). */
export interface FileResource {
  readonly name: string;
  readonly size: string;
  readonly generation: string;
  readonly timeCreated: string;
  readonly contentType?: string;
  readonly crc32c?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The fields of `FileResource`. */
export const fileFields = 'name,size,generation,timeCreated,contentType,crc32c,metadata';

/** The key of the modification time in a file's metadata: RFC 3339, as rclone writes and reads it. */
export const timeKey = 'mtime';

/** What a client says of a file that it writes. */
export function describedFile(modified: number | undefined, contentType: string | undefined): Record<string, unknown> {
  return {
    contentType: contentType ?? 'application/octet-stream',
    metadata: { [timeKey]: new Date(modified ?? Date.now()).toISOString() },
  };
}

/** The file that a description stands for. */
export function fileOfResource(resource: FileResource): StoredFile {
  return {
    key: resource.name,
    size: Number(resource.size),
    modified: keptTime(resource.metadata) ?? Date.parse(resource.timeCreated),
    revision: resource.generation,
    contentType: resource.contentType,
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
