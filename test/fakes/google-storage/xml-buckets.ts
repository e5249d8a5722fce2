import type { FakeBucket } from './fake-bucket.ts';
import type { FakeAnswer } from './fake-request.ts';
import { GoogleFault, invalid } from './google-fault.ts';
import { listPage } from './listing.ts';
import { etagIn, extension, type XmlCall } from './xml-call.ts';
import { innerXml, textsOf, xmlDocument, type XmlValue } from './xml-text.ts';

const xml = { 'content-type': 'application/xml; charset=UTF-8' };

/** https://docs.cloud.google.com/storage/docs/xml-api/put-bucket-create */
export function putXmlBucket(call: XmlCall, name: string): FakeAnswer {
  const { caller } = call.signed;
  call.cloud.makeBucket(name, extension(call, 'project-id') ?? caller.project, caller);
  return { status: 200 };
}

/** https://docs.cloud.google.com/storage/docs/xml-api/get-service */
export function listXmlBuckets(call: XmlCall): FakeAnswer {
  const buckets = call.cloud.bucketsOf(call.signed.caller.project);
  const body = xmlDocument('ListAllMyBucketsResult', {
    Buckets: { Bucket: buckets.map(({ name, created }) => ({ Name: name, CreationDate: created.toISOString() })) },
  });
  return { status: 200, headers: xml, body };
}

/** https://docs.cloud.google.com/storage/docs/xml-api/get-bucket-list, both versions. */
export function listXmlFiles(call: XmlCall, bucket: FakeBucket): FakeAnswer {
  const { query } = call.request;
  const isSecond = query.get('list-type') === '2';
  if (query.has('list-type') && !isSecond) throw invalid('list-type is 2');
  const token = query.get('continuation-token');
  const after = isSecond ? (token === null ? query.get('start-after') : decodeToken(token)) : query.get('marker');
  const limit = Math.min(call.cloud.largestPage, parseLimit(query.get('max-keys')));
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const page = listPage(bucket, { prefix, delimiter, after: after ?? undefined, limit });
  const name = encoderOf(query.get('encoding-type'));
  const body = xmlDocument('ListBucketResult', {
    Name: bucket.name,
    Prefix: name(prefix),
    ...nextOf(page.last, isSecond, name),
    KeyCount: isSecond ? page.files.length + page.prefixes.length : undefined,
    MaxKeys: limit,
    Delimiter: delimiter === '' ? undefined : name(delimiter),
    EncodingType: query.get('encoding-type') ?? undefined,
    IsTruncated: page.last !== undefined,
    Contents: page.files.map(
      (file): XmlValue => ({
        Key: name(file.name),
        Generation: file.generation,
        MetaGeneration: file.metageneration,
        LastModified: file.updated.toISOString(),
        ETag: etagIn(file),
        Size: file.content.length,
      }),
    ),
    CommonPrefixes: page.prefixes.map((common): XmlValue => ({ Prefix: name(common) })),
  });
  return { status: 200, headers: xml, body };
}

function nextOf(last: string | undefined, isSecond: boolean, name: (text: string) => string): Record<string, XmlValue> {
  if (last === undefined) return {};
  if (isSecond) return { NextContinuationToken: Buffer.from(`\n${last}`).toString('base64') };
  return { NextMarker: name(last) };
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('\n')) throw invalid('Invalid continuation-token');
  return text.slice(1);
}

function parseLimit(text: string | null): number {
  if (text === null) return 1000;
  if (!/^\d{1,9}$/.test(text)) throw invalid('Invalid max-keys');
  return Math.max(1, Math.min(1000, Number(text)));
}

/** Names that XML cannot hold (control characters) must be asked for in percent-encoding. */
function encoderOf(encodingType: string | null): (text: string) => string {
  if (encodingType === 'url') return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
  if (encodingType !== null) throw invalid('encoding-type is url');
  return (text) => text;
}

/** https://docs.cloud.google.com/storage/docs/xml-api/post-bucket */
export function deleteXmlFiles(call: XmlCall, bucket: FakeBucket): FakeAnswer {
  const text = call.request.body.toString();
  const names = innerXml(text, 'Delete', 'Object').map((inner) => textsOf(inner, 'Key')[0] ?? '');
  if (names.length === 0 || names.length > 1000) {
    throw new GoogleFault(400, 'invalid', 'MalformedXML', 'A request deletes 1 to 1000 files.');
  }
  const isQuiet = textsOf(text, 'Quiet')[0] === 'true';
  for (const name of names) if (bucket.find(name) !== undefined) bucket.delete(name);
  const body = xmlDocument('DeleteResult', { Deleted: isQuiet ? [] : names.map((name): XmlValue => ({ Key: name })) });
  return { status: 200, headers: xml, body };
}
