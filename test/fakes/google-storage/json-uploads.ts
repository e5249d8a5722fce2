import { assertParameters, type FakeAnswer } from './fake-request.ts';
import { GoogleFault, invalid, methodNotAllowed, required } from './google-fault.ts';
import { callerOf, json, type JsonCall } from './json-call.ts';
import { fileResource, parseJson, parseProperties } from './json-resource.ts';
import { parseMultipart } from './multipart-body.ts';
import { assertPreconditions, preconditionParameters, preconditionsOf } from './preconditions.ts';
import { ResumableSession } from './resumable-session.ts';
import {
  assertFileName,
  type ExpectedChecksums,
  type FileProperties,
  parseHashHeader,
  type StoredFile,
} from './stored-file.ts';

const parameters = [
  ...preconditionParameters(),
  'uploadType',
  'name',
  'contentEncoding',
  'predefinedAcl',
  'projection',
  'kmsKeyName',
];

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/insert */
export function upload(call: JsonCall, bucketName: string): FakeAnswer {
  const { request } = call;
  if (request.method !== 'POST') throw methodNotAllowed();
  assertParameters(request.query, parameters);
  const type = request.query.get('uploadType');
  if (type === 'media') return uploadMedia(call, bucketName);
  if (type === 'multipart') return uploadMultipart(call, bucketName);
  if (type === 'resumable') return beginResumable(call, bucketName);
  throw invalid(`Invalid value for: uploadType: ${type}`, 'uploadType');
}

function uploadMedia(call: JsonCall, bucketName: string): FakeAnswer {
  const { request, cloud } = call;
  const bucket = cloud.bucket(bucketName, callerOf(call, 'write'), 'write');
  const file = bucket.insert({
    name: nameOf(call, {}),
    content: request.body,
    properties: withQuery(call, { contentType: request.headers['content-type'] }),
    preconditions: preconditionsOf(request.query),
    checksums: parseHashHeader(request.headers['x-goog-hash']),
  });
  return json(call, fileResource(bucket, file, call.origin));
}

function uploadMultipart(call: JsonCall, bucketName: string): FakeAnswer {
  const { request, cloud } = call;
  const bucket = cloud.bucket(bucketName, callerOf(call, 'write'), 'write');
  const [description, media, ...more] = parseMultipart(request.headers['content-type'], 'related', request.body);
  if (description === undefined || media === undefined || more.length > 0) {
    throw invalid('A multipart upload has two parts: the description and the content.');
  }
  if (!/^application\/json\b/i.test(description.headers.get('content-type') ?? '')) {
    throw invalid('The first part of a multipart upload is application/json.', 'Content-Type');
  }
  const described = parseJson(description.content);
  const properties = { contentType: media.headers.get('content-type'), ...parseProperties(described) };
  const file = bucket.insert({
    name: nameOf(call, described),
    content: media.content,
    properties: withQuery(call, properties),
    preconditions: preconditionsOf(request.query),
    checksums: { ...checksumsIn(described), ...parseHashHeader(request.headers['x-goog-hash']) },
  });
  return json(call, fileResource(bucket, file, call.origin));
}

function beginResumable(call: JsonCall, bucketName: string): FakeAnswer {
  const { request, cloud, origin } = call;
  const bucket = cloud.bucket(bucketName, callerOf(call, 'write'), 'write');
  const described = parseJson(request.body);
  const name = nameOf(call, described);
  const preconditions = preconditionsOf(request.query);
  assertFileName(name);
  assertPreconditions(bucket.find(name), preconditions);
  const announced = request.headers['x-upload-content-length'];
  if (announced !== undefined && !/^\d{1,15}$/.test(String(announced))) {
    throw invalid('Invalid X-Upload-Content-Length', 'X-Upload-Content-Length');
  }
  const contentType = request.headers['x-upload-content-type'];
  const session = new ResumableSession({
    bucket,
    name,
    properties: withQuery(call, { contentType: contentType?.toString(), ...parseProperties(described) }),
    preconditions,
    checksums: { ...checksumsIn(described), ...parseHashHeader(request.headers['x-goog-hash']) },
    size: announced === undefined ? undefined : Number(announced),
  });
  cloud.sessions.set(session.id, session);
  const query = new URLSearchParams(request.query);
  query.set('upload_id', session.id);
  const location = `${origin}${request.rawPath}?${query.toString()}`;
  return { status: 200, headers: { location, 'x-guploader-uploadid': session.id, 'content-length': '0' } };
}

/** A request to a session URI, which needs no other authorization. Google's clients for Go send chunks by POST. */
export function continueUpload(call: JsonCall): FakeAnswer {
  const { request, cloud, origin } = call;
  const id = request.query.get('upload_id') ?? '';
  const session = cloud.sessions.get(id);
  if (session === undefined) throw new GoogleFault(404, 'notFound', 'NoSuchUpload', 'Upload session not found');
  if (request.method === 'DELETE') {
    cloud.sessions.delete(id);
    return { status: 499, body: 'The upload was cancelled.' };
  }
  if (request.method !== 'PUT' && request.method !== 'POST') throw methodNotAllowed();
  const result = finished(call, session, id);
  if ('status' in result) return request.headers['x-guploader-no-308'] === 'yes' ? without308(result) : result;
  return json(call, fileResource(session.bucket, result, origin));
}

/** What arrived damaged ends the session: nothing can be put right in it. */
function finished(
  { request, cloud, persistOnly }: JsonCall,
  session: ResumableSession,
  id: string,
): StoredFile | FakeAnswer {
  try {
    return session.put(request, persistOnly);
  } catch (error) {
    if (error instanceof GoogleFault && /BadDigest|CrcMismatch/.test(error.code)) cloud.sessions.delete(id);
    throw error;
  }
}

/** What Google's clients for Go ask for, because HTTP libraries take a 308 for a redirect. */
function without308({ headers }: FakeAnswer): FakeAnswer {
  return { status: 200, headers: { ...headers, 'x-http-status-code-override': '308' } };
}

function nameOf({ request }: JsonCall, described: Record<string, unknown>): string {
  const name = described['name'] ?? request.query.get('name');
  if (typeof name !== 'string') throw required('name');
  return name;
}

function withQuery({ request }: JsonCall, properties: FileProperties): FileProperties {
  const contentEncoding = request.query.get('contentEncoding') ?? properties.contentEncoding;
  return { ...properties, ...(contentEncoding === undefined ? {} : { contentEncoding }) };
}

function checksumsIn({ md5Hash, crc32c }: Record<string, unknown>): ExpectedChecksums {
  for (const [name, value] of Object.entries({ md5Hash, crc32c })) {
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw invalid(`Invalid value for: ${name}`, name);
  }
  return { md5: (md5Hash ?? undefined) as string | undefined, crc32c: (crc32c ?? undefined) as string | undefined };
}
