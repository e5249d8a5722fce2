import { assertParameters, type FakeAnswer } from './fake-request.ts';
import { invalid } from './google-fault.ts';
import { callerOf, json, type JsonCall } from './json-call.ts';
import { fileResource, parseJson, parseProperties } from './json-resource.ts';
import { listPage } from './listing.ts';
import { mediaAnswer } from './media-answer.ts';
import { preconditionParameters, preconditionsOf } from './preconditions.ts';

const listParameters = [
  'prefix',
  'delimiter',
  'pageToken',
  'maxResults',
  'startOffset',
  'endOffset',
  'includeTrailingDelimiter',
  'projection',
  'versions',
  'autoPaginate',
];

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/list */
export function listFiles(call: JsonCall, name: string): FakeAnswer {
  const { cloud, request, origin } = call;
  assertParameters(request.query, listParameters);
  const bucket = cloud.bucket(name, callerOf(call, 'read'), 'read');
  const { query } = request;
  const token = query.get('pageToken');
  const page = listPage(bucket, {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: token === null ? undefined : decodeToken(token),
    startOffset: query.get('startOffset') ?? undefined,
    endOffset: query.get('endOffset') ?? undefined,
    includeTrailingDelimiter: query.get('includeTrailingDelimiter') === 'true',
    limit: Math.min(cloud.largestPage, parseLimit(query.get('maxResults'))),
  });
  return json(call, {
    kind: 'storage#objects',
    nextPageToken: page.last === undefined ? undefined : Buffer.from(`\n${page.last}`).toString('base64'),
    prefixes: page.prefixes.length === 0 ? undefined : page.prefixes,
    items: page.files.length === 0 ? undefined : page.files.map((file) => fileResource(bucket, file, origin)),
  });
}

function parseLimit(text: string | null): number {
  if (text === null) return 1000;
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) throw invalid('Invalid value for: maxResults', 'maxResults');
  return Math.min(1000, Number(text));
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('\n')) throw invalid('Invalid Value', 'pageToken');
  return text.slice(1);
}

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/get */
export function getFile(call: JsonCall, bucketName: string, name: string): FakeAnswer {
  const { cloud, request, origin } = call;
  assertParameters(request.query, [...preconditionParameters(), 'generation', 'projection', 'softDeleted']);
  const bucket = cloud.bucket(bucketName, callerOf(call, 'read'), 'read');
  const file = bucket.read(name, preconditionsOf(request.query), request.query.get('generation'));
  if (request.query.get('alt') === 'media') return mediaAnswer(file, request);
  return json(call, fileResource(bucket, file, origin));
}

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/patch */
export function patchFile(call: JsonCall, bucketName: string, name: string): FakeAnswer {
  const { cloud, request, origin } = call;
  assertParameters(request.query, [...preconditionParameters(), 'generation', 'projection', 'predefinedAcl']);
  const bucket = cloud.bucket(bucketName, callerOf(call, 'write'), 'write');
  const { properties } = bucket.read(name, {}, request.query.get('generation'));
  const patched = parseProperties(parseJson(request.body), properties);
  return json(call, fileResource(bucket, bucket.patch(name, patched, preconditionsOf(request.query)), origin));
}

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/delete */
export function deleteFile(call: JsonCall, bucketName: string, name: string): FakeAnswer {
  const { cloud, request } = call;
  assertParameters(request.query, [...preconditionParameters(), 'generation']);
  const bucket = cloud.bucket(bucketName, callerOf(call, 'write'), 'write');
  bucket.delete(name, preconditionsOf(request.query), request.query.get('generation'));
  return { status: 204 };
}
