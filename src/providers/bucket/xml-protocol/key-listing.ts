import { textOf, type XmlElement } from '../../../http/xml.ts';
import { StoreError } from '../../../store/errors.ts';
import type { KeyPage, PageOptions, StoredFile } from '../bucket.ts';
import { type ListedFile, type Listing, readListing } from './listed-files.ts';
import { decodeKey } from './percent-encoding.ts';
import { faultError, faultIn } from './service-fault.ts';
import type { SignedClient } from './signed-client.ts';
import { revisionOf } from './stored-headers.ts';

/**
 * One page of keys (`ListObjectsV2`). Keys come percent-encoded, since XML cannot hold the control characters that keys may.
 */
export async function keyPage(client: SignedClient, options: PageOptions): Promise<KeyPage> {
  const { prefix, grouped = false, next, after, limit, signal } = options;
  const query = {
    'list-type': 2,
    'encoding-type': 'url',
    prefix,
    delimiter: grouped ? '/' : undefined,
    'continuation-token': next,
    'start-after': next === undefined ? after : undefined,
    'max-keys': limit,
  };
  const call = { operation: 'ListObjectsV2', method: 'GET', query, signal };
  return await client.read(call, async (answer) => pageOf(readListing(await answer.body.text())));
}

function pageOf({ files, rest }: Listing): KeyPage {
  if (rest.name === 'Error') throw faultError(faultIn(rest, 500));
  if (rest.name !== 'ListBucketResult')
    throw new StoreError('Unavailable', { message: `the service answered a listing with <${rest.name}>` });
  const decode = textOf(rest, 'EncodingType') === 'url' ? decodeKey : (text: string): string => text;
  const next = nextIn(rest);
  return {
    files: files.map((file) => fileOf(file, decode)),
    prefixes: rest.children
      .filter(({ name }) => name === 'CommonPrefixes')
      .map((element) => decode(textOf(element, 'Prefix'))),
    next,
  };
}

function nextIn(rest: XmlElement): string | undefined {
  if (textOf(rest, 'IsTruncated').trim() !== 'true') return undefined;
  const token = textOf(rest, 'NextContinuationToken');
  if (token !== '') return token;
  throw new StoreError('Unavailable', { message: 'the service cut a listing off and did not say where it goes on' });
}

function fileOf({ key, size, modified, etag }: ListedFile, decode: (text: string) => string): StoredFile {
  return { key: decode(key), size: Number(size), modified: Date.parse(modified), revision: revisionOf(etag) };
}
