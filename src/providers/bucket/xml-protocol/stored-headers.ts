import { toldSize, toldTime } from '../../../http/told-values.ts';
import type { HttpHeaders } from '../../../http/http-request.ts';
import type { Metadata } from '../../../store/store.ts';
import type { StoredFile } from '../bucket.ts';
import { encodedMetadata, metadataIn, textOfBytes } from '../metadata-text.ts';

/** Keeps the modification time, in seconds with a fraction: rclone and s3fs read and write it too. */
const timeHeader = 'x-amz-meta-mtime';

const metadataPrefix = 'x-amz-meta-';

/** Headers that tell what a file is, for requests that make one. */
export function headersOfFile(
  modified: number,
  contentType: string = 'application/octet-stream',
  metadata?: Metadata,
): HttpHeaders {
  return { ...metadataHeaders(modified, metadata), 'content-type': contentType };
}

/** All headers of a file's metadata, its time among them. */
export function metadataHeaders(modified: number, metadata: Metadata = {}): HttpHeaders {
  const named = Object.entries(encodedMetadata(metadata)).map(([name, text]) => [metadataPrefix + name, text]);
  return { ...Object.fromEntries(named), [timeHeader]: (modified / 1000).toFixed(3) };
}

/** The headers of a file that a new version of it takes along, beside its metadata. */
export function carriedHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => carried.has(name)));
}

/** The headers of a file's metadata as they came. */
export function keptMetadataHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(metadataPrefix)));
}

const carried: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
]);

/** A time as it will be told: whole milliseconds. */
export function keptTime(modified: number = Date.now()): number {
  return Math.round(modified);
}

/** What the headers of an answer tell about a key; for a range, about the whole file. */
export function fileOfHeaders(key: string, headers: HttpHeaders): StoredFile {
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  return {
    key,
    size: toldSize(total ?? headers['content-length'] ?? '0'),
    modified: timeOf(headers),
    revision: revisionOf(headers['etag']),
    contentType: headers['content-type'],
    metadata: metadataIn(named(headers)),
  };
}

/** An ETag without its quotes. */
export function revisionOf(etag: string = ''): string {
  const start = etag.startsWith('W/"') ? 3 : etag.startsWith('"') ? 1 : 0;
  return start > 0 && etag.endsWith('"') ? etag.slice(start, -1) : etag;
}

/** A revision as conditions name it. */
export function etagOf(revision: string): string {
  return `"${revision}"`;
}

/** Headers that let a request succeed only for a revision, or where there is nothing. */
export function conditionHeaders(ifRevision: string | null | undefined): HttpHeaders {
  if (ifRevision === undefined) return {};
  return ifRevision === null ? { 'if-none-match': '*' } : { 'if-match': etagOf(ifRevision) };
}

/** A part's or a file's MD5 that its ETag is: those of multipart uploads and of files under a customer's key are none. */
export function md5Of(revision: string, headers: HttpHeaders = {}): string | undefined {
  const encryption = headers['x-amz-server-side-encryption'];
  const plain = encryption === undefined || encryption === 'AES256';
  const own = headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined;
  return plain && !own && /^[0-9a-f]{32}$/.test(revision) ? revision : undefined;
}

function* named(headers: HttpHeaders): Generator<[string, string | undefined]> {
  for (const [name, text] of Object.entries(headers))
    if (name.startsWith(metadataPrefix)) yield [name.slice(metadataPrefix.length), text && textOfBytes(text)];
}

function timeOf(headers: HttpHeaders): number {
  const kept = headers[timeHeader];
  const seconds = kept === undefined || kept.trim() === '' ? NaN : Number(kept);
  return Number.isFinite(seconds * 1000) ? Math.round(seconds * 1000) : toldTime(headers['last-modified']);
}
