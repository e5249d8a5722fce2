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

/** The checksums of content. */
export function checksumsOf(content: Buffer): { readonly crc32c: string; readonly md5: string } {
  return { crc32c: googleCrc32c(content), md5: createHash('md5').update(content).digest('base64') };
}

/** Throws the service's refusal unless the content has the checksums that the client sent. */
export function assertChecksums(content: Buffer, expected: ExpectedChecksums): void {
  const actual = checksumsOf(content);
  for (const kind of ['crc32c', 'md5'] as const) {
    const wanted = expected[kind];
    if (wanted === undefined || wanted === actual[kind]) continue;
    const label = kind === 'md5' ? 'MD5 hash' : 'CRC32C';
    const message = `Provided ${label} "${wanted}" doesn't match calculated ${label} "${actual[kind]}".`;
    throw new GoogleFault(400, 'invalid', kind === 'md5' ? 'BadDigest' : 'CrcMismatch', message);
  }
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
