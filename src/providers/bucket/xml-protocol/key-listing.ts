import { childCalled, textOf, type XmlElement } from '../../../http/xml.ts';
import { xmlRecords } from '../../../http/xml-records.ts';
import { StoreError } from '../../../store/errors.ts';
import type { KeyPage, PageOptions, StoredFile } from '../bucket.ts';
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
  return await client.read({ operation: 'ListObjectsV2', method: 'GET', query, signal }, (answer) =>
    readPage(answer.body),
  );
}

async function readPage(body: AsyncIterable<Uint8Array>): Promise<KeyPage> {
  const records = xmlRecords(body, (name) => name === 'Contents' || name === 'CommonPrefixes');
  const files: XmlElement[] = [];
  const prefixes: XmlElement[] = [];
  let next = await records.next();
  for (; next.done !== true; next = await records.next())
    (next.value.name === 'Contents' ? files : prefixes).push(next.value);
  return pageOf(next.value, files, prefixes);
}

function pageOf(root: XmlElement, files: readonly XmlElement[], prefixes: readonly XmlElement[]): KeyPage {
  if (root.name === 'Error') throw faultError(faultIn(root, 500));
  if (root.name !== 'ListBucketResult')
    throw new StoreError('Unavailable', { message: `the service answered a listing with <${root.name}>` });
  const encoded = textOf(childCalled(root, 'EncodingType')) === 'url';
  const keyIn = (element: XmlElement, name: string): string => {
    const text = textOf(childCalled(element, name));
    return encoded ? decodeKey(text) : text;
  };
  const cut = textOf(childCalled(root, 'IsTruncated')).trim() === 'true';
  const token = textOf(childCalled(root, 'NextContinuationToken'));
  if (cut && token === '')
    throw new StoreError('Unavailable', { message: 'the service cut a listing off and did not say where it goes on' });
  return {
    files: files.map((element) => fileOf(element, keyIn(element, 'Key'))),
    prefixes: prefixes.map((element) => keyIn(element, 'Prefix')),
    next: cut ? token : undefined,
  };
}

function fileOf(element: XmlElement, key: string): StoredFile {
  return {
    key,
    size: Number(textOf(childCalled(element, 'Size'))),
    modified: Date.parse(textOf(childCalled(element, 'LastModified'))),
    revision: revisionOf(textOf(childCalled(element, 'ETag'))),
  };
}
