import type { HttpHeaders, HttpResponse } from '../../../http/http-request.ts';
import type { GetOptions, StoredDownload } from '../bucket.ts';
import { assertBytes, comparedBody, readSumOf } from './read-sum.ts';
import { faultOf } from './service-fault.ts';
import type { SignedCall } from './signed-client.ts';
import { conditionHeaders, fileOfHeaders } from './stored-headers.ts';
import { assertRevision } from './write-conditions.ts';
import { headKey, type XmlParts } from './xml-parts.ts';

/** So much is read before it is handed on: a connection that breaks, and a wrong sum, are then repeated here. */
const readAtOnce = 1 << 20;

/**
 * The bytes of a key (`GetObject`), or undefined where there is none. A whole file is compared with the sum that the service
 * keeps of it: a small one before its first byte is told, a large one behind its last, where it throws `Corrupt`.
 */
export async function getKey(parts: XmlParts, key: string, options: GetOptions): Promise<StoredDownload | undefined> {
  const { signal, length } = options;
  if (length === 0) return await nothingOf(parts, key, options);
  const call = { operation: 'GetObject', method: 'GET', key, headers: headersOf(parts, options), signal };
  try {
    return await open(parts, call, isWhole(options));
  } catch (error) {
    const fault = faultOf(error);
    if (fault?.status === 416) return await nothingOf(parts, key, options);
    if (fault?.status === 404 && fault.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

async function open(parts: XmlParts, call: SignedCall & { key: string }, whole: boolean): Promise<StoredDownload> {
  return await parts.client.read(call, async (answer) => {
    const file = fileOfHeaders(call.key, answer.headers);
    const sum = whole && parts.settings.verifiesReads ? readSumOf(answer.headers) : undefined;
    if (Number(answer.headers['content-length']) > readAtOnce) {
      const body = streamed(answer);
      return { file, body: sum === undefined ? body : comparedBody(body, sum) };
    }
    const bytes = await answer.body.bytes();
    if (sum !== undefined) assertBytes(bytes, sum);
    return { file, body: only(bytes) };
  });
}

function streamed(answer: HttpResponse): AsyncIterable<Uint8Array> {
  return answer.body;
}

function isWhole({ offset = 0, length }: GetOptions): boolean {
  return offset === 0 && length === undefined;
}

function headersOf({ settings }: XmlParts, options: GetOptions): HttpHeaders {
  const { offset = 0, length, ifRevision } = options;
  const end = length === undefined ? '' : offset + length - 1;
  const whole = isWhole(options);
  return {
    ...conditionHeaders(ifRevision),
    range: whole ? undefined : `bytes=${offset}-${end}`,
    'x-amz-checksum-mode': whole && settings.verifiesReads && settings.sums.crc32 ? 'ENABLED' : undefined,
  };
}

/** Of a file, when no byte of it was asked for, or the range begins behind its end. */
async function nothingOf(parts: XmlParts, key: string, options: GetOptions): Promise<StoredDownload | undefined> {
  const file = await headKey(parts, key, options);
  if (file === undefined) return undefined;
  if (options.ifRevision !== undefined) assertRevision(file.revision, options.ifRevision);
  return { file, body: only(new Uint8Array(0)) };
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
