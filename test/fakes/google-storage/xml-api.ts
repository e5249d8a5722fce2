import type { Accounts } from './accounts.ts';
import type { FakeBucket } from './fake-bucket.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { type FakeAnswer, type FakeRequest, segmentsOfPath } from './fake-request.ts';
import { GoogleFault, methodNotAllowed, preconditionFailed } from './google-fault.ts';
import { assertFileName } from './stored-file.ts';
import { deleteXmlFiles, listXmlBuckets, listXmlFiles, putXmlBucket } from './xml-buckets.ts';
import { etagIn, extension, propertiesIn, versionHeaders, type XmlCall } from './xml-call.ts';
import { deleteXmlFile, putXmlFile, readXmlFile } from './xml-files.ts';
import { beginParts, completeParts, partsUpload, putPart } from './xml-parts.ts';
import { assertSigned } from './xml-signature.ts';
import { innerXml, textsOf, xmlDocument, type XmlValue } from './xml-text.ts';

const xml = { 'content-type': 'application/xml; charset=UTF-8' };

/** Answers a request of the XML API, addressed by path (https://docs.cloud.google.com/storage/docs/xml-api/reference-methods). */
export function answerXml(cloud: FakeCloud, accounts: Accounts, request: FakeRequest): FakeAnswer {
  const signed = assertSigned(accounts, request);
  const call: XmlCall = { cloud, request, signed };
  const [bucketName = '', ...rest] = segmentsOfPath(request.rawPath);
  if (bucketName === '') return listXmlBuckets(call);
  const name = rest.join('/');
  if (name === '') return answerXmlBucket(call, bucketName);
  assertFileName(name);
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  const bucket = cloud.bucket(bucketName, signed.caller, isReading ? 'read' : 'write');
  const { query } = request;
  if (query.has('uploads') || query.has('uploadId')) return answerParts(call, bucket, name);
  if (isReading) return readXmlFile(call, bucket, name);
  if (request.method === 'PUT') return putXmlFile(call, bucket, name);
  if (request.method === 'DELETE') return deleteXmlFile(call, bucket, name);
  throw methodNotAllowed();
}

function answerXmlBucket(call: XmlCall, name: string): FakeAnswer {
  const { cloud, request, signed } = call;
  const { method, query } = request;
  if (method === 'PUT') return putXmlBucket(call, name);
  const need = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  const bucket = cloud.bucket(name, signed.caller, need);
  if (method === 'HEAD') return { status: 200 };
  if (method === 'GET' && query.has('uploads')) return listUploads(call, bucket);
  if (method === 'GET' && query.has('location')) {
    return { status: 200, headers: xml, body: xmlDocument('LocationConstraint', { Location: 'US' }) };
  }
  if (method === 'GET') return listXmlFiles(call, bucket);
  if (method === 'POST' && query.has('delete')) return deleteXmlFiles(call, bucket);
  if (method !== 'DELETE') throw methodNotAllowed();
  cloud.deleteBucket(bucket);
  return { status: 204 };
}

/** Multipart uploads take no preconditions, and no part is copied from another file. */
function answerParts(call: XmlCall, bucket: FakeBucket, name: string): FakeAnswer {
  const { cloud, request } = call;
  const { method, query } = request;
  if (query.has('uploads')) {
    if (method !== 'POST') throw methodNotAllowed();
    if (hasPrecondition(request)) throw notImplemented();
    const { id } = beginParts(cloud, bucket, name, propertiesIn(call));
    const content = { Bucket: bucket.name, Key: name, UploadId: id };
    return { status: 200, headers: xml, body: xmlDocument('InitiateMultipartUploadResult', content) };
  }
  const upload = partsUpload(cloud, bucket, name, query.get('uploadId') ?? '');
  if (method === 'PUT') {
    if (extension(call, 'copy-source') !== undefined) throw notImplemented();
    const { etag } = putPart(upload, query.get('partNumber') ?? '', request.body);
    return { status: 200, headers: { etag } };
  }
  if (method === 'DELETE') {
    cloud.partsUploads.delete(upload.id);
    return { status: 204 };
  }
  if (method === 'GET') return listParts(call, upload);
  if (method !== 'POST') throw methodNotAllowed();
  if (hasPrecondition(request)) throw preconditionFailed();
  const parts = innerXml(request.body.toString(), 'CompleteMultipartUpload', 'Part').map((part) => ({
    number: Number(textsOf(part, 'PartNumber')[0]),
    etag: textsOf(part, 'ETag')[0] ?? '',
  }));
  const file = completeParts(cloud, upload, parts);
  const content = { Bucket: bucket.name, Key: name, ETag: etagIn(file) };
  const body = xmlDocument('CompleteMultipartUploadResult', content);
  return { status: 200, headers: { ...xml, ...versionHeaders(file) }, body };
}

function listParts({ request }: XmlCall, upload: ReturnType<typeof partsUpload>): FakeAnswer {
  const after = Number(request.query.get('part-number-marker') ?? 0);
  const limit = Math.min(1000, Number(request.query.get('max-parts') ?? 1000));
  const all = [...upload.parts].sort(([a], [b]) => a - b).filter(([number]) => number > after);
  const page = all.slice(0, limit);
  const body = xmlDocument('ListPartsResult', {
    Bucket: upload.bucket.name,
    Key: upload.name,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.[0],
    MaxParts: limit,
    IsTruncated: all.length > page.length,
    Part: page.map(
      ([number, { etag, content, modified }]): XmlValue => ({
        PartNumber: number,
        LastModified: modified.toISOString(),
        ETag: etag,
        Size: content.length,
      }),
    ),
  });
  return { status: 200, headers: xml, body };
}

function listUploads({ cloud, request }: XmlCall, bucket: FakeBucket): FakeAnswer {
  const prefix = request.query.get('prefix') ?? '';
  const uploads = [...cloud.partsUploads.values()].filter(
    (upload) => upload.bucket === bucket && upload.name.startsWith(prefix),
  );
  const encode = request.query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  const body = xmlDocument('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    IsTruncated: false,
    Upload: uploads.map(
      ({ id, name, begun }): XmlValue => ({ Key: encode(name), UploadId: id, Initiated: begun.toISOString() }),
    ),
  });
  return { status: 200, headers: xml, body };
}

function hasPrecondition({ headers }: FakeRequest): boolean {
  const names = ['if-match', 'if-none-match', 'x-goog-if-generation-match', 'x-goog-if-metageneration-match'];
  return names.some((name) => headers[name] !== undefined);
}

function notImplemented(): GoogleFault {
  const message = 'A header or query you provided requested a function that is not implemented.';
  return new GoogleFault(400, 'notImplemented', 'NotImplemented', message);
}
