import type { FakeCloud } from './fake-cloud.ts';
import type { FakeRequest } from './fake-request.ts';
import { invalid } from './google-fault.ts';
import type { Preconditions } from './preconditions.ts';
import type { FileProperties, StoredFile } from './stored-file.ts';
import { hashHeaders } from './media-answer.ts';
import type { SignedCaller } from './xml-signature.ts';

/** What the answers of the XML API are made from. */
export interface XmlCall {
  readonly cloud: FakeCloud;
  readonly request: FakeRequest;
  readonly signed: SignedCaller;
}

/** A header in either spelling: requests are signed in one, and write their headers in the same. */
export function extension({ request }: XmlCall, name: string): string | undefined {
  return (request.headers[`x-goog-${name}`] ?? request.headers[`x-amz-${name}`])?.toString();
}

/** What the request's headers say about a file. */
export function propertiesIn(call: XmlCall): FileProperties {
  const { headers } = call.request;
  const prefix = call.signed.metadataPrefix;
  const own = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  const metadata = Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), String(value)]));
  return {
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
    contentDisposition: headers['content-disposition'],
    contentLanguage: headers['content-language']?.toString(),
    cacheControl: headers['cache-control'],
    storageClass: extension(call, 'storage-class'),
    customTime: extension(call, 'custom-time'),
    metadata: own.length === 0 ? undefined : metadata,
  };
}

/** `x-goog-if-generation-match` and its kin, which exist in Google's spelling alone. */
export function preconditionsIn({ request }: XmlCall): Preconditions {
  const number = (name: string): string | undefined => {
    const value = request.headers[`x-goog-${name}`];
    if (value === undefined) return undefined;
    if (!/^\d{1,19}$/.test(String(value))) throw invalid(`x-goog-${name} is a number`);
    return String(value);
  };
  return {
    generationMatch: number('if-generation-match'),
    metagenerationMatch: number('if-metageneration-match'),
  };
}

/** An ETag as the XML API writes it: the MD5 in hexadecimal, or something else in quotes. */
export function etagIn({ md5, etag }: StoredFile): string {
  return md5 === undefined ? `"-${etag}"` : `"${Buffer.from(md5, 'base64').toString('hex')}"`;
}

/** The headers that describe a version of a file. */
export function versionHeaders(file: StoredFile): Record<string, string | string[]> {
  return {
    etag: etagIn(file),
    'x-goog-generation': file.generation,
    'x-goog-metageneration': file.metageneration,
    'x-goog-hash': hashHeaders(file),
    'x-goog-stored-content-encoding': file.properties.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(file.content.length),
  };
}
