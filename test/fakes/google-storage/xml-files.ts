import type { FakeBucket } from './fake-bucket.ts';
import type { FakeAnswer } from './fake-request.ts';
import { GoogleFault, invalid, notModified, preconditionFailed } from './google-fault.ts';
import { mediaAnswer } from './media-answer.ts';
import { assertPreconditions } from './preconditions.ts';
import { type ExpectedChecksums, parseHashHeader, type StoredFile } from './stored-file.ts';
import { etagIn, extension, preconditionsIn, propertiesIn, versionHeaders, type XmlCall } from './xml-call.ts';
import { xmlDocument } from './xml-text.ts';

/** https://docs.cloud.google.com/storage/docs/xml-api/get-object-download and head-object */
export function readXmlFile(call: XmlCall, bucket: FakeBucket, name: string): FakeAnswer {
  const { request, signed } = call;
  const file = bucket.read(name, preconditionsIn(call), request.query.get('generation'));
  assertEtag(request.headers['if-match'], request.headers['if-none-match'], file);
  const { status, headers, body } = mediaAnswer(file, request);
  const metadata = Object.entries(file.properties.metadata ?? {});
  const own = Object.fromEntries(metadata.map(([key, value]) => [signed.metadataPrefix + key, value]));
  return { status, headers: { ...headers, ...versionHeaders(file), ...own }, body };
}

function assertEtag(ifMatch: string | undefined, ifNoneMatch: string | undefined, file: StoredFile): void {
  const etag = etagIn(file);
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) throw preconditionFailed();
  if (ifNoneMatch !== undefined && (ifNoneMatch === '*' || ifNoneMatch === etag)) throw notModified();
}

/**
 * https://docs.cloud.google.com/storage/docs/xml-api/put-object-upload. `If-Match` and `If-None-Match` are ignored here, as
 * the service ignores them; its own precondition is `x-goog-if-generation-match`.
 */
export function putXmlFile(call: XmlCall, bucket: FakeBucket, name: string): FakeAnswer {
  const { request } = call;
  if (request.headers['content-length'] === undefined) {
    throw new GoogleFault(411, 'required', 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (extension(call, 'copy-source') !== undefined) return copyXmlFile(call, bucket, name);
  const file = bucket.insert({
    name,
    content: request.body,
    properties: propertiesIn(call),
    preconditions: preconditionsIn(call),
    checksums: checksumsIn(call),
  });
  return { status: 200, headers: versionHeaders(file) };
}

function checksumsIn({ request }: XmlCall): ExpectedChecksums {
  const md5 = request.headers['content-md5'];
  const checksums = parseHashHeader(request.headers['x-goog-hash']);
  return md5 === undefined ? checksums : { ...checksums, md5: String(md5) };
}

/** https://docs.cloud.google.com/storage/docs/xml-api/put-object-copy */
function copyXmlFile(call: XmlCall, target: FakeBucket, name: string): FakeAnswer {
  const source = copySource(call);
  const directive = extension(call, 'metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw invalid('Unknown metadata directive');
  const copied = target.insert({
    name,
    content: source.content,
    properties: directive === 'COPY' ? source.properties : propertiesIn(call),
    preconditions: preconditionsIn(call),
    components: source.components,
    hasMd5: source.md5 !== undefined,
  });
  const body = xmlDocument('CopyObjectResult', { LastModified: copied.updated.toISOString(), ETag: etagIn(copied) });
  return { status: 200, headers: { 'content-type': 'application/xml', ...versionHeaders(copied) }, body };
}

function copySource(call: XmlCall): StoredFile {
  const { cloud, request, signed } = call;
  const path = decodeURIComponent(extension(call, 'copy-source') ?? '').replace(/^\//, '');
  const slash = path.indexOf('/');
  if (slash === -1) throw invalid('The copy source is /bucket/name');
  const bucket = cloud.bucket(path.slice(0, slash), signed.caller, 'read');
  const generation = request.headers['x-goog-copy-source-generation']?.toString();
  const file = bucket.read(path.slice(slash + 1), {}, generation);
  const generationMatch = request.headers['x-goog-copy-source-if-generation-match']?.toString();
  assertPreconditions(file, { generationMatch });
  const ifMatch = extension(call, 'copy-source-if-match');
  if (ifMatch !== undefined && ifMatch !== etagIn(file)) throw preconditionFailed();
  return file;
}

/** https://docs.cloud.google.com/storage/docs/xml-api/delete-object: 404 for what does not exist, unlike Amazon's. */
export function deleteXmlFile(call: XmlCall, bucket: FakeBucket, name: string): FakeAnswer {
  bucket.delete(name, preconditionsIn(call), call.request.query.get('generation'));
  return { status: 204 };
}
