import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { HttpHeaders } from '../../../http/http-request.ts';
import { StoreError } from '../../../store/errors.ts';
import { crc32Of } from './crc32-sum.ts';
import { md5Of, revisionOf } from './stored-headers.ts';

/** The sum that the service keeps of a whole file. */
export interface ReadSum {
  readonly kind: 'crc32' | 'sha256' | 'md5';
  /** In hexadecimal. */
  readonly value: string;
}

/** The sum that an answer tells about its whole body, or undefined: it tells none that is one of the whole. */
export function readSumOf(headers: HttpHeaders): ReadSum | undefined {
  const crc = crc32Of(headers['x-amz-checksum-crc32']);
  if (crc !== undefined) return { kind: 'crc32', value: crcText(crc) };
  const sha256 = headers['x-amz-checksum-sha256'];
  if (sha256 !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(sha256))
    return { kind: 'sha256', value: Buffer.from(sha256, 'base64').toString('hex') };
  const md5 = md5Of(revisionOf(headers['etag']), headers);
  return md5 === undefined ? undefined : { kind: 'md5', value: md5 };
}

/** The bytes of a whole file; throws `Corrupt` behind the last one when they are not those that the sum was made of. */
export async function* comparedBody(body: AsyncIterable<Uint8Array>, sum: ReadSum): AsyncGenerator<Uint8Array> {
  const hash = sum.kind === 'crc32' ? undefined : createHash(sum.kind);
  let crc = 0;
  for await (const chunk of body) {
    if (hash === undefined) crc = crc32(chunk, crc);
    else hash.update(chunk);
    yield chunk;
  }
  assertSum(hash?.digest('hex') ?? crcText(crc), sum);
}

/** The same for bytes that are all there. */
export function assertBytes(bytes: Uint8Array, sum: ReadSum): void {
  assertSum(sum.kind === 'crc32' ? crcText(crc32(bytes)) : createHash(sum.kind).update(bytes).digest('hex'), sum);
}

function assertSum(found: string, { kind, value }: ReadSum): void {
  if (found === value) return;
  const message = `what came is not what was stored: its ${kind} is ${found}, and the service says ${value}`;
  throw new StoreError('Corrupt', { message });
}

function crcText(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
