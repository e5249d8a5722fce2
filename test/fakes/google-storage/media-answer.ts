import { gunzipSync } from 'node:zlib';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import { rangeNotSatisfiable } from './google-fault.ts';
import type { StoredFile } from './stored-file.ts';

/**
 * A file's bytes, or the range of them that is asked for. What is stored with `Content-Encoding: gzip` comes decompressed and
 * whole unless the client accepts gzip (https://docs.cloud.google.com/storage/docs/transcoding).
 */
export function mediaAnswer(file: StoredFile, request: FakeRequest): FakeAnswer {
  const headers = mediaHeaders(file);
  const acceptsGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (file.properties.contentEncoding === 'gzip' && !acceptsGzip) {
    const { 'content-encoding': _, ...decoded } = headers;
    return {
      status: 200,
      headers: { ...decoded, warning: '214 UploadServer gunzipped' },
      body: gunzipSync(file.content),
    };
  }
  const range = parseRange(request.headers.range, file.content.length);
  if (range === undefined) return { status: 200, headers, body: file.content };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${file.content.length}`;
  const body = file.content.subarray(range.start, range.end);
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body };
}

function mediaHeaders({
  properties,
  generation,
  metageneration,
  ...file
}: StoredFile): Record<string, string | string[]> {
  const { contentType = 'application/octet-stream', contentEncoding } = properties;
  return {
    'accept-ranges': 'bytes',
    'content-type': contentType,
    ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
    etag: file.etag,
    'last-modified': file.updated.toUTCString(),
    'x-goog-generation': generation,
    'x-goog-metageneration': metageneration,
    'x-goog-hash': hashHeaders(file),
    'x-goog-storage-class': properties.storageClass ?? 'STANDARD',
    'x-goog-stored-content-encoding': contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(file.content.length),
  };
}

/** `x-goog-hash` of a file: one header for each checksum. */
export function hashHeaders({ crc32c, md5 }: Pick<StoredFile, 'crc32c' | 'md5'>): string[] {
  return [`crc32c=${crc32c}`, ...(md5 === undefined ? [] : [`md5=${md5}`])];
}

/** One range of RFC 9110, section 14.1.2; several, or what is none, is the whole file. Throws 416. */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= size || (first === '' && last === '0')) throw rangeNotSatisfiable();
  return end <= start ? undefined : { start, end };
}
