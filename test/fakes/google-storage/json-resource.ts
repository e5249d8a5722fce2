import type { FakeBucket } from './fake-bucket.ts';
import { GoogleFault, invalid } from './google-fault.ts';
import type { FileProperties, StoredFile } from './stored-file.ts';

/** A file as the JSON API describes it (https://docs.cloud.google.com/storage/docs/json_api/v1/objects#resource). */
export function fileResource(bucket: FakeBucket, file: StoredFile, origin: string): Record<string, unknown> {
  const path = `${encodeURIComponent(bucket.name)}/o/${encodeURIComponent(file.name)}`;
  const { storageClass = 'STANDARD', contentType = 'application/octet-stream', ...properties } = file.properties;
  return {
    kind: 'storage#object',
    id: `${bucket.name}/${file.name}/${file.generation}`,
    selfLink: `${origin}/storage/v1/b/${path}`,
    mediaLink: `${origin}/download/storage/v1/b/${path}?generation=${file.generation}&alt=media`,
    name: file.name,
    bucket: bucket.name,
    generation: file.generation,
    metageneration: file.metageneration,
    contentType,
    storageClass,
    size: String(file.content.length),
    md5Hash: file.md5,
    crc32c: file.crc32c,
    etag: file.etag,
    timeCreated: file.created.toISOString(),
    updated: file.updated.toISOString(),
    timeStorageClassUpdated: file.created.toISOString(),
    componentCount: file.components,
    ...properties,
  };
}

/** A bucket as the JSON API describes it. */
export function bucketResource(bucket: FakeBucket, origin: string): Record<string, unknown> {
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${origin}/storage/v1/b/${bucket.name}`,
    name: bucket.name,
    projectNumber: '1',
    metageneration: '1',
    location: 'US',
    locationType: 'multi-region',
    storageClass: 'STANDARD',
    etag: 'CAE=',
    timeCreated: bucket.created.toISOString(),
    updated: bucket.created.toISOString(),
    iamConfiguration: { uniformBucketLevelAccess: { enabled: false } },
  };
}

/** The JSON in a body; an empty one is an empty description. Throws for what is no JSON object. */
export function parseJson(body: Buffer | string): Record<string, unknown> {
  const text = body.toString();
  if (text.trim() === '' || text.trim() === 'null') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below, like JSON of the wrong kind.
  }
  throw new GoogleFault(400, 'parseError', 'InvalidArgument', 'Parse Error');
}

const textProperties = [
  'contentType',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'cacheControl',
  'storageClass',
  'customTime',
] as const;

/** The properties in a description from a client, over `before` where it patches: null takes away. Throws for wrong types; what is unknown is ignored, as the service does. */
export function parseProperties(json: Record<string, unknown>, before: FileProperties = {}): FileProperties {
  const properties: Record<string, unknown> = { ...before };
  for (const key of textProperties) {
    const value = json[key];
    if (value === undefined) continue;
    if (value !== null && typeof value !== 'string') throw invalid(`Invalid value for: ${key}`, key);
    properties[key] = value ?? undefined;
  }
  const { customTime } = properties;
  if (typeof customTime === 'string' && !isTime(customTime)) throw invalid('Invalid custom time', 'customTime');
  if (json['metadata'] !== undefined) properties['metadata'] = parseMetadata(json['metadata'], before.metadata);
  return properties;
}

function isTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}

function parseMetadata(json: unknown, before: FileProperties['metadata']): FileProperties['metadata'] {
  if (json === null) return undefined;
  if (typeof json !== 'object' || Array.isArray(json)) throw invalid('Invalid value for: metadata', 'metadata');
  const entries = Object.entries({ ...before, ...json }) as [string, unknown][];
  const kept = entries.filter(([, value]) => value !== null);
  if (!kept.every(([, value]) => typeof value === 'string')) throw invalid('Invalid value for: metadata', 'metadata');
  const bytes = kept.reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
  if (bytes > 8192) throw invalid('Metadata too large', 'metadata');
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as Record<string, string>);
}
