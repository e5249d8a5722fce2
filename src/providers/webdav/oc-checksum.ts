import { createHash } from 'node:crypto';
import type { HttpHeaders } from '../../http/http-request.ts';
import { StoreError } from '../../store/errors.ts';
import { exactStream } from '../../store/exact-stream.ts';
import type { CallOptions, Source } from '../../store/store.ts';

/**
 * The header `OC-Checksum` of ownCloud and Nextcloud: what a client sends with a file, ownCloud compares and both keep and tell with every
 * download of it (https://doc.owncloud.com/server/next/developer_manual/webdav_api/). Values are `SHA1:…`, several separated by spaces.
 */
export const checksumHeader = 'oc-checksum';

/** Larger files may have been sent in chunks, of which no checksum is told; what is then kept may be that of an older content. */
const comparedBelow = 5 << 20;

/** The header for a source. Throws what the source throws, and `Corrupt` where it is not as long as it says. */
export async function checksumOf(source: Source, options: CallOptions): Promise<string> {
  const hash = createHash('sha1');
  for await (const chunk of exactStream(source, options)) hash.update(chunk);
  return `SHA1:${hash.digest('hex')}`;
}

/** The bytes of a whole file of `size`; the last ones are kept back until all of them fit the checksum that came with them. Throws `Corrupt`. */
export function compared(
  body: AsyncIterable<Uint8Array>,
  headers: HttpHeaders,
  size: number,
): AsyncIterable<Uint8Array> {
  const [, expected] = /(?:^|\s)SHA1:([0-9a-f]{40})(?:\s|$)/i.exec(headers[checksumHeader] ?? '') ?? [];
  return expected === undefined || size >= comparedBelow ? body : comparedTo(body, expected.toLowerCase(), size);
}

async function* comparedTo(
  body: AsyncIterable<Uint8Array>,
  expected: string,
  size: number,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  let seen = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    seen += chunk.length;
    if (seen === size && hash.digest('hex') !== expected)
      throw new StoreError('Corrupt', { message: 'what arrived is not what the server keeps' });
    yield chunk;
  }
}
