import { createHash } from 'node:crypto';
import type { HttpHeaders } from '../../../http/http-request.ts';
import { childCalled, textOf, type XmlElement } from '../../../http/xml.ts';
import { StoreError } from '../../../store/errors.ts';
import type { ByteRange, CallOptions, Source } from '../../../store/store.ts';
import { crc32Of, crc32Text } from './crc32-sum.ts';
import { type CopySource, copyHeaders } from './copy-source.ts';
import { sumHeaders } from './key-writer.ts';
import { sourcePayload, textPayload } from './payload.ts';
import { faultOf, resultIn } from './service-fault.ts';
import { etagOf, revisionOf } from './stored-headers.ts';
import type { XmlParts } from './xml-parts.ts';
import { xmlText } from './xml-text.ts';

/** An upload in parts that is not finished. */
export interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

/** A part that the service has. */
export interface StoredPart {
  readonly number: number;
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  readonly crc32: number | undefined;
}

/** Sending a part over a slow line may take long; attempts begin within this time, in milliseconds. */
const sendingDeadline = 15 * 60_000;

/** Begins an upload (`CreateMultipartUpload`). `headers` tell what the file will be. */
export async function createUpload(
  { client, settings }: XmlParts,
  key: string,
  headers: HttpHeaders,
  { signal }: CallOptions,
): Promise<Upload> {
  const sums = settings.sums.crc32 ? { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' } : {};
  const all = { ...settings.writeHeaders, ...headers, ...sums };
  const query = { uploads: '' };
  const call = { operation: 'CreateMultipartUpload', method: 'POST', key, query, headers: all, signal };
  return await client.read(call, async (answer) => {
    const uploadId = textOf(childCalled(resultIn(await answer.body.text(), answer.status), 'UploadId')).trim();
    if (uploadId === '') throw new StoreError('Unavailable', { message: 'the service began an upload without an id' });
    return { key, uploadId };
  });
}

/** Sends one part (`UploadPart`). The same part may be sent again; the last one counts. */
export async function uploadPart(
  { client, settings }: XmlParts,
  { key, uploadId }: Upload,
  number: number,
  source: Source,
  { signal }: CallOptions,
): Promise<StoredPart> {
  const payload = await sourcePayload(source, settings.sums, { signal });
  const call = {
    operation: 'UploadPart',
    method: 'PUT',
    key,
    query: { partNumber: number, uploadId },
    headers: sumHeaders(payload),
    payload,
    retry: { deadline: sendingDeadline },
    signal,
  };
  return await client.read(call, async (answer) => {
    await answer.body.discard();
    const etag = revisionOf(answer.headers['etag']);
    if (etag === '') throw new StoreError('Unavailable', { message: 'the service did not say what became of a part' });
    return { number, etag, size: source.size, crc32: payload.crc32 };
  });
}

/**
 * Lets the service copy bytes of a stored version into a part (`UploadPartCopy`). Throws `Conflict` where that version is gone;
 * a service that does not look must be asked for the revision behind the last copy.
 */
export async function copyPart(
  { client, settings }: XmlParts,
  { key, uploadId }: Upload,
  number: number,
  from: CopySource & { readonly range: ByteRange },
  { signal }: CallOptions,
): Promise<StoredPart> {
  const { start, end } = from.range;
  const headers = {
    ...copyHeaders(settings, from),
    'x-amz-copy-source-range': `bytes=${start}-${end - 1}`,
  };
  const query = { partNumber: number, uploadId };
  const call = { operation: 'UploadPartCopy', method: 'PUT', key, query, headers, signal };
  return await client.read({ ...call, retry: { deadline: sendingDeadline } }, async (answer) => {
    const result = resultIn(await answer.body.text(), answer.status);
    return { ...partIn(result), number, size: end - start };
  });
}

/** The parts that the service has of an upload (`ListParts`), or undefined: there is no such upload (any more). */
export async function storedParts(
  { client }: XmlParts,
  { key, uploadId }: Upload,
  { signal }: CallOptions,
): Promise<StoredPart[] | undefined> {
  const parts: StoredPart[] = [];
  for (let marker: string | undefined; ; ) {
    const query = { uploadId, 'part-number-marker': marker };
    const result = await unlessGone(() =>
      client.read({ operation: 'ListParts', method: 'GET', key, query, signal }, async (answer) =>
        resultIn(await answer.body.text(), answer.status),
      ),
    );
    if (result === undefined) return undefined;
    parts.push(...result.children.filter(({ name }) => name === 'Part').map(partIn));
    marker = textOf(childCalled(result, 'NextPartNumberMarker')).trim();
    if (textOf(childCalled(result, 'IsTruncated')).trim() !== 'true') return parts;
  }
}

/** Gives an upload up, with the parts that were sent (`AbortMultipartUpload`). One that is gone is given up already. */
export async function abortUpload(
  { client }: XmlParts,
  { key, uploadId }: Upload,
  { signal }: CallOptions = {},
): Promise<void> {
  const call = { operation: 'AbortMultipartUpload', method: 'DELETE', key, query: { uploadId }, signal };
  await unlessGone(async () => (await client.call(call)).body.discard());
}

/**
 * Makes the file of its parts (`CompleteMultipartUpload`). Answers its ETag, empty where the service does not tell it. Services that
 * know no sums of parts refuse to read of them, and compared none either, so they are left out.
 */
export async function completeUpload(
  parts: XmlParts,
  upload: Upload,
  stored: readonly StoredPart[],
  headers: HttpHeaders,
  options: CallOptions,
): Promise<string> {
  const withoutSums = stored.map((part) => ({ ...part, crc32: undefined }));
  if (!parts.learned.partSums) return await complete(parts, upload, withoutSums, headers, options);
  try {
    return await complete(parts, upload, stored, headers, options);
  } catch (error) {
    if (faultOf(error)?.code !== 'MalformedXML' || stored.every(({ crc32 }) => crc32 === undefined)) throw error;
    parts.learned.partSums = false;
    return await complete(parts, upload, withoutSums, headers, options);
  }
}

async function complete(
  { client }: XmlParts,
  { key, uploadId }: Upload,
  parts: readonly StoredPart[],
  headers: HttpHeaders,
  { signal }: CallOptions,
): Promise<string> {
  const list = parts.map(({ number, etag, crc32 }) => {
    const sum = crc32 === undefined ? '' : `<ChecksumCRC32>${crc32Text(crc32)}</ChecksumCRC32>`;
    return `<Part><PartNumber>${number}</PartNumber><ETag>${xmlText(etagOf(etag))}</ETag>${sum}</Part>`;
  });
  const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join('')}</CompleteMultipartUpload>`;
  const call = {
    operation: 'CompleteMultipartUpload',
    method: 'POST',
    key,
    query: { uploadId },
    headers: { 'content-type': 'application/xml', ...headers },
    payload: textPayload(body),
    signal,
  };
  return await client.read(call, async (answer) => {
    const result = resultIn(await answer.body.text(), answer.status);
    return revisionOf(textOf(childCalled(result, 'ETag')).trim());
  });
}

/**
 * The ETag that most services give a file of these parts: the MD5 of their MD5s, and how many they are. Undefined where the
 * ETags are no MD5s.
 */
export function etagOfParts(parts: readonly StoredPart[]): string | undefined {
  const hash = createHash('md5');
  for (const { etag } of parts) {
    if (!/^[0-9a-f]{32}$/.test(etag)) return undefined;
    hash.update(etag, 'hex');
  }
  return `${hash.digest('hex')}-${parts.length}`;
}

/** Whether a failure says that the upload does not exist (any more). */
export function isGone(error: unknown): boolean {
  return faultOf(error)?.code === 'NoSuchUpload';
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function partIn(element: XmlElement): StoredPart {
  const told = (name: string): string => textOf(childCalled(element, name)).trim();
  return {
    number: Number(told('PartNumber')),
    etag: revisionOf(told('ETag')),
    size: Number(told('Size')),
    crc32: crc32Of(told('ChecksumCRC32')),
  };
}
