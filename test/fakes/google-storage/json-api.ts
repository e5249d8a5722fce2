import { answerBatch } from './batch.ts';
import { assertParameters, type FakeAnswer, segmentsOfPath } from './fake-request.ts';
import { methodNotAllowed, notFound, required } from './google-fault.ts';
import { callerOf, json, type JsonCall } from './json-call.ts';
import { deleteFile, getFile, listFiles, patchFile } from './json-files.ts';
import { bucketResource, parseJson } from './json-resource.ts';
import { copyFile, composeFile, moveFile, rewriteFile } from './json-transfers.ts';
import { continueUpload, upload } from './json-uploads.ts';

/** Whether this path belongs to the JSON API; every other one is the XML API's. */
export function isJsonPath(path: string): boolean {
  return /^\/(?:(?:upload|download|resumable\/upload|batch)\/)?storage\/v1(?:\/|$)/.test(path);
}

/** Answers a request of the JSON API (https://docs.cloud.google.com/storage/docs/json_api/v1). */
export function answerJson(call: JsonCall): FakeAnswer {
  const { request } = call;
  if (request.rawPath === '/batch/storage/v1') return answerBatch(call, answerJson);
  const segments = segmentsOfPath(request.rawPath);
  const root = segments.indexOf('v1') + 1;
  const area = segments[0];
  const [b, bucket, o, ...rest] = segments.slice(root);
  if (area === 'upload' || area === 'resumable') {
    if (b !== 'b' || bucket === undefined || o !== 'o' || rest.length > 0) throw notFound();
    return request.query.has('upload_id') ? continueUpload(call) : upload(call, bucket);
  }
  if (b !== 'b') throw notFound();
  if (bucket === undefined) return answerBuckets(call);
  if (o === undefined) return answerBucket(call, bucket);
  if (o !== 'o') throw notFound();
  return rest.length === 0 ? collection(call, bucket) : answerFile(call, bucket, rest);
}

function collection(call: JsonCall, bucket: string): FakeAnswer {
  if (call.request.method !== 'GET') throw methodNotAllowed();
  return listFiles(call, bucket);
}

function answerFile(call: JsonCall, bucket: string, [name = '', verb, ...to]: string[]): FakeAnswer {
  const { method } = call.request;
  if (verb === undefined) {
    if (method === 'GET' || method === 'HEAD') return getFile(call, bucket, name);
    if (method === 'PATCH') return patchFile(call, bucket, name);
    if (method === 'DELETE') return deleteFile(call, bucket, name);
    throw methodNotAllowed();
  }
  if (method !== 'POST') throw methodNotAllowed();
  if (verb === 'compose' && to.length === 0) return composeFile(call, bucket, name);
  if (verb === 'moveTo' && to[0] === 'o' && to.length === 2) return moveFile(call, bucket, name, to[1] ?? '');
  const [b, target = '', o, copy = ''] = to;
  if (b !== 'b' || o !== 'o' || to.length !== 4) throw notFound();
  if (verb === 'rewriteTo') return rewriteFile(call, { bucket, name }, { bucket: target, name: copy });
  if (verb === 'copyTo') return copyFile(call, { bucket, name }, { bucket: target, name: copy });
  throw notFound();
}

function answerBuckets(call: JsonCall): FakeAnswer {
  const { cloud, request, origin } = call;
  const project = request.query.get('project');
  if (request.method === 'GET') {
    assertParameters(request.query, ['project', 'prefix', 'maxResults', 'pageToken', 'projection']);
    const caller = callerOf(call, 'read');
    if (project === null) throw required('project');
    const items = project === caller.project ? cloud.bucketsOf(project) : [];
    return json(call, { kind: 'storage#buckets', items: items.map((bucket) => bucketResource(bucket, origin)) });
  }
  if (request.method !== 'POST') throw methodNotAllowed();
  const known = ['project', 'predefinedAcl', 'predefinedDefaultObjectAcl', 'projection', 'enableObjectRetention'];
  assertParameters(request.query, known);
  const caller = callerOf(call, 'write');
  if (project === null) throw required('project');
  const { name } = parseJson(request.body);
  if (typeof name !== 'string') throw required('name');
  return json(call, bucketResource(cloud.makeBucket(name, project, caller), origin));
}

function answerBucket(call: JsonCall, name: string): FakeAnswer {
  const { cloud, request, origin } = call;
  const known = ['projection', 'ifMetagenerationMatch', 'ifMetagenerationNotMatch'];
  assertParameters(request.query, known);
  const isDelete = request.method === 'DELETE';
  if (!isDelete && request.method !== 'GET') throw methodNotAllowed();
  const need = isDelete ? 'write' : 'read';
  const bucket = cloud.bucket(name, callerOf(call, need), need);
  if (!isDelete) return json(call, bucketResource(bucket, origin));
  cloud.deleteBucket(bucket);
  return { status: 204 };
}
