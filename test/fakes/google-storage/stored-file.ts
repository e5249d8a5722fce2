import { createHash } from 'node:crypto';
import { googleCrc32c } from './crc32c.ts';
import { GoogleFault, invalid } from './google-fault.ts';

/** What a client may say about a file, as the JSON API names it. */
export interface FileProperties {
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentDisposition?: string | undefined;
  readonly contentLanguage?: string | undefined;
  readonly cacheControl?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly customTime?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** One version of one file of a bucket. */
export interface StoredFile {
  readonly name: string;
  readonly content: Buffer;
  readonly properties: FileProperties;
  readonly generation: string;
  readonly metageneration: string;
  readonly created: Date;
  readonly updated: Date;
  readonly crc32c: string;
  /** Absent for files that were composed, or uploaded in parts by the XML API. */
  readonly md5: string | undefined;
  /** How many files it was composed of. */
  readonly components: number | undefined;
  readonly etag: string;
}

/** Checksums that a client sent along, base64. */
export interface ExpectedChecksums {
  readonly crc32c?: string | undefined;
  readonly md5?: string | undefined;
}

/** The MD5 of content, base64. */
export function md5Of(content: Buffer): string {
  return createHash('md5').update(content).digest('base64');
}

/** Throws the service's refusal unless the content has the checksums that the client sent; answers its CRC32C. */
export function assertChecksums(content: Buffer, expected: ExpectedChecksums): string {
  const crc32c = googleCrc32c(content);
  if (expected.crc32c !== undefined && expected.crc32c !== crc32c) throw mismatch('CRC32C', expected.crc32c, crc32c);
  const md5 = expected.md5 === undefined ? undefined : md5Of(content);
  if (md5 !== expected.md5) throw mismatch('MD5 hash', String(expected.md5), String(md5));
  return crc32c;
}

function mismatch(kind: 'CRC32C' | 'MD5 hash', wanted: string, actual: string): GoogleFault {
  const message = `Provided ${kind} "${wanted}" doesn't match calculated ${kind} "${actual}".`;
  return new GoogleFault(400, 'invalid', kind === 'CRC32C' ? 'CrcMismatch' : 'BadDigest', message);
}

/** The checksums of an `X-Goog-Hash` header: `crc32c=…,md5=…`, also over several headers. */
export function parseHashHeader(header: string | readonly string[] | undefined): ExpectedChecksums {
  const parts = [header ?? []].flat().flatMap((value) => value.split(','));
  const checksums: { crc32c?: string; md5?: string } = {};
  for (const part of parts) {
    const [, kind, value] = /^\s*(crc32c|md5)=([A-Za-z0-9+/]+={0,2})\s*$/.exec(part) ?? [];
    if (value === undefined || Buffer.from(value, 'base64').length !== (kind === 'md5' ? 16 : 4)) {
      throw invalid(`Invalid X-Goog-Hash: ${part}`, 'X-Goog-Hash');
    }
    checksums[kind as 'crc32c' | 'md5'] = value;
  }
  return checksums;
}

/** Throws unless this can be a file's name (https://docs.cloud.google.com/storage/docs/objects#naming). */
export function assertFileName(name: string): void {
  const bytes = Buffer.byteLength(name);
  const isBad =
    bytes === 0 ||
    bytes > 1024 ||
    /[\r\n]/.test(name) ||
    name === '.' ||
    name === '..' ||
    name.startsWith('.well-known/acme-challenge/') ||
    !name.isWellFormed();
  if (isBad) throw new GoogleFault(400, 'invalid', 'InvalidObjectName', 'Invalid object name.', { location: 'name' });
}
