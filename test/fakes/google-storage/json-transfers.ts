import { createHash } from 'node:crypto';
import type { FakeBucket } from './fake-bucket.ts';
import { assertParameters, type FakeAnswer } from './fake-request.ts';
import { invalid, required } from './google-fault.ts';
import { callerOf, json, type JsonCall } from './json-call.ts';
import { fileResource, parseJson, parseProperties } from './json-resource.ts';
import { assertPreconditions, preconditionParameters, preconditionsOf } from './preconditions.ts';
import type { StoredFile } from './stored-file.ts';

/** A file by its place. */
export interface Place {
  readonly bucket: string;
  readonly name: string;
}

const mebibyte = 1 << 20;
const maxSources = 32;
const bothConditions = [...preconditionParameters(), ...preconditionParameters('Source')];

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/compose */
export function composeFile(call: JsonCall, bucketName: string, name: string): FakeAnswer {
  const { cloud, request } = call;
  assertParameters(request.query, [
    'ifGenerationMatch',
    'ifMetagenerationMatch',
    'destinationPredefinedAcl',
    'kmsKeyName',
  ]);
  const bucket = cloud.bucket(bucketName, callerOf(call, 'write'), 'write');
  const { kind: _kind, sourceObjects, destination = {}, ...unknown } = parseJson(request.body);
  for (const key of Object.keys(unknown)) throw invalid(`Unknown property: ${key}`, key);
  if (!Array.isArray(sourceObjects) || sourceObjects.length === 0) throw required('sourceObjects');
  if (sourceObjects.length > maxSources) {
    throw invalid(
      `The number of source components provided (${sourceObjects.length}) exceeds the maximum (${maxSources})`,
    );
  }
  const sources = sourceObjects.map((source) => composeSource(bucket, source as Record<string, unknown>));
  const described = destination as Record<string, unknown>;
  if (described['name'] !== undefined && described['name'] !== name) throw invalid('The names do not match', 'name');
  const file = bucket.insert({
    name,
    content: Buffer.concat(sources.map(({ content }) => content)),
    properties: { contentType: sources[0]?.properties.contentType, ...parseProperties(described) },
    preconditions: preconditionsOf(request.query),
    components: sources.reduce((sum, { components = 1 }) => sum + components, 0),
  });
  return json(call, fileResource(bucket, file, call.origin));
}

function composeSource(bucket: FakeBucket, source: Record<string, unknown>): StoredFile {
  const { name, generation, objectPreconditions = {} } = source;
  if (typeof name !== 'string') throw required('sourceObjects.name');
  const file = bucket.read(name, {}, numberIn(generation));
  const { ifGenerationMatch } = objectPreconditions as Record<string, unknown>;
  assertPreconditions(file, { generationMatch: numberIn(ifGenerationMatch) });
  return file;
}

/** A 64-bit number, which JSON carries as text. */
function numberIn(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if ((typeof value !== 'string' && typeof value !== 'number') || !/^\d{1,19}$/.test(String(value))) {
    throw invalid('A generation is a number', 'sourceObjects');
  }
  return String(value);
}

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/rewrite */
export function rewriteFile(call: JsonCall, from: Place, to: Place): FakeAnswer {
  const { cloud, request } = call;
  const known = [
    'rewriteToken',
    'maxBytesRewrittenPerCall',
    'sourceGeneration',
    'projection',
    'destinationPredefinedAcl',
  ];
  assertParameters(request.query, [...bothConditions, ...known]);
  const { source, target } = ends(call, from, to);
  const perCall = Math.min(parsePerCall(request.query.get('maxBytesRewrittenPerCall')), cloud.rewriteBytes);
  const secret = createHash('sha256')
    .update(JSON.stringify([from, to, source.generation]))
    .digest('base64url');
  const before = parseToken(request.query.get('rewriteToken'), secret);
  const size = source.content.length;
  const written = Math.min(size, before + perCall);
  const progress = { kind: 'storage#rewriteResponse', totalBytesRewritten: String(written), objectSize: String(size) };
  if (written < size) {
    assertPreconditions(target.find(to.name), preconditionsOf(request.query));
    return json(call, { ...progress, done: false, rewriteToken: `${written}.${secret}` });
  }
  const copied = insertCopy(call, source, target, to.name);
  return json(call, { ...progress, done: true, resource: fileResource(target, copied, call.origin) });
}

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/copy */
export function copyFile(call: JsonCall, from: Place, to: Place): FakeAnswer {
  const known = ['sourceGeneration', 'projection', 'destinationPredefinedAcl', 'destinationKmsKeyName'];
  assertParameters(call.request.query, [...bothConditions, ...known]);
  const { source, target } = ends(call, from, to);
  return json(call, fileResource(target, insertCopy(call, source, target, to.name), call.origin));
}

/** https://docs.cloud.google.com/storage/docs/json_api/v1/objects/move: in one step, within a bucket. */
export function moveFile(call: JsonCall, bucketName: string, from: string, to: string): FakeAnswer {
  assertParameters(call.request.query, bothConditions);
  if (from === to) throw invalid('The source and the destination are the same', 'destinationObject');
  const { source, target } = ends(call, { bucket: bucketName, name: from }, { bucket: bucketName, name: to });
  const { content, properties, components, md5 } = source;
  const moved = target.insert({
    name: to,
    content,
    properties,
    components,
    hasMd5: md5 !== undefined,
    preconditions: preconditionsOf(call.request.query),
  });
  target.delete(from);
  return json(call, fileResource(target, moved, call.origin));
}

function ends(call: JsonCall, from: Place, to: Place): { source: StoredFile; target: FakeBucket } {
  const { cloud, request } = call;
  const caller = callerOf(call, 'write');
  const source = cloud
    .bucket(from.bucket, caller, 'read')
    .read(from.name, {}, request.query.get('sourceGeneration') ?? undefined);
  assertPreconditions(source, preconditionsOf(request.query, 'Source'));
  return { source, target: cloud.bucket(to.bucket, caller, 'write') };
}

/** A description in the body replaces all that the source says about itself. */
function insertCopy(call: JsonCall, source: StoredFile, target: FakeBucket, name: string): StoredFile {
  const { request } = call;
  const described = parseProperties(parseJson(request.body));
  const isDescribed = Object.keys(described).length > 0;
  return target.insert({
    name,
    content: source.content,
    properties: isDescribed ? described : source.properties,
    preconditions: preconditionsOf(request.query),
    components: source.components,
    hasMd5: source.md5 !== undefined,
  });
}

function parsePerCall(text: string | null): number {
  if (text === null) return Infinity;
  const bytes = Number(text);
  if (!Number.isSafeInteger(bytes) || bytes < mebibyte || bytes % mebibyte !== 0) {
    throw invalid('maxBytesRewrittenPerCall is a multiple of 1 MiB', 'maxBytesRewrittenPerCall');
  }
  return bytes;
}

function parseToken(token: string | null, secret: string): number {
  if (token === null) return 0;
  const [written, key] = token.split('.');
  if (key !== secret) throw invalid('Invalid rewrite token', 'rewriteToken');
  return Number(written);
}
