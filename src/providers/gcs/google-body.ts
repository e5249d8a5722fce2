import type { HttpResponse } from '../../http/http-request.ts';
import { StoreError } from '../../store/errors.ts';
import { crc32c, decodeCrc32c } from './crc32c.ts';

/** What a download's body must be. */
export interface ExpectedBody {
  readonly bytes: number;
  /** The checksum, where all of the file is read. */
  readonly crc?: number | undefined;
}

/** The bytes of an answer. Throws `Unavailable` when they are not as many as were promised, `Corrupt` when they are others. */
export async function* checkedBody(body: HttpResponse['body'], expected: ExpectedBody): AsyncGenerator<Uint8Array> {
  let [delivered, crc] = [0, 0];
  for await (const chunk of body) {
    delivered += chunk.length;
    if (expected.crc !== undefined) {
      crc = crc32c(chunk, crc);
      // The last chunk is kept back until the sum is known to fit.
      if (delivered === expected.bytes && crc !== expected.crc) {
        throw new StoreError('Corrupt', { message: 'what arrived is not what Google keeps' });
      }
    }
    if (delivered > expected.bytes) break;
    yield chunk;
  }
  if (delivered !== expected.bytes) {
    const message = `Google promised ${expected.bytes} bytes and sent ${delivered > expected.bytes ? 'more' : delivered}`;
    throw new StoreError('Unavailable', { message });
  }
}

/** The checksum in the header `x-goog-hash`: `crc32c=…, md5=…`. */
export function sumInHeaders(headers: HttpResponse['headers']): number | undefined {
  const [, text] = /(?:^|[,\s])crc32c=([A-Za-z0-9+/]{6}==)/.exec(headers['x-goog-hash'] ?? '') ?? [];
  return decodeCrc32c(text);
}
