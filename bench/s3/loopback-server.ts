/**
 * An S3 server that does next to nothing, so that what is measured is the client: bodies are counted and dropped, but for those
 * of uploads of one part; listings are made before. It checks no signature. Run as a process of its own; prints its port.
 * With a file of key and certificate as argument it speaks https.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { etag, keysOnPage, listing, madeDirectories, madePage } from './made-listings.ts';

const bucket = 'bench';
const headers = { etag, 'last-modified': 'Sat, 01 Nov 2025 00:00:00 GMT', 'accept-ranges': 'bytes' };
const large = randomBytes(1 << 20);
const stored = new Map<string, { readonly size: number; readonly bytes: Buffer | undefined }>();
const uploads = new Map<string, number>();
/** What a page takes at a service that is not on this machine. */
const pageMilliseconds = 20;

const [identity] = process.argv.slice(2);
const server = identity === undefined ? createServer(onRequest) : secureServer(readFileSync(identity));
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
process.on('disconnect', () => process.exit());

function secureServer(pem: Buffer): ReturnType<typeof createSecureServer> {
  return createSecureServer({ key: pem, cert: pem }, onRequest);
}

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  answer(request, response).catch((error: unknown) => response.destroy(error as Error));
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const parameters = new URLSearchParams(query);
  const key = decodeURIComponent(path.slice(bucket.length + 2));
  const method = request.method ?? 'GET';
  switch (method) {
    case 'PUT':
      return put(key, parameters, request, response);
    case 'POST':
      return post(key, parameters, request, response);
    case 'GET':
      return key === '' ? list(parameters, response) : read(key, request, response);
    case 'HEAD':
      return head(key, response);
    default:
      request.resume();
      response.writeHead(204).end();
  }
}

async function put(
  key: string,
  parameters: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= large.length) chunks.push(chunk);
  }
  const upload = parameters.get('uploadId');
  if (upload !== null) uploads.set(upload, (uploads.get(upload) ?? 0) + size);
  else stored.set(key, { size, bytes: size <= large.length ? Buffer.concat(chunks) : undefined });
  response.writeHead(200, { etag, 'content-length': 0 }).end();
}

async function post(
  key: string,
  parameters: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for await (const _ of request) continue;
  const upload = parameters.get('uploadId');
  if (upload !== null) {
    stored.set(key, { size: uploads.get(upload) ?? 0, bytes: undefined });
    uploads.delete(upload);
    return xml(response, `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`);
  }
  if (parameters.has('uploads')) {
    const id = `upload-${uploads.size + stored.size}-${Math.random()}`;
    uploads.set(id, 0);
    return xml(response, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  }
  xml(response, '<DeleteResult/>');
}

function head(key: string, response: ServerResponse): void {
  const found = stored.get(key);
  if (key !== '' && found === undefined) response.writeHead(404).end();
  else response.writeHead(200, { ...headers, 'content-length': found?.size ?? 0 }).end();
}

async function read(key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = stored.get(key);
  if (found === undefined) {
    response.writeHead(404, { 'content-type': 'application/xml' });
    response.end('<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>');
    return;
  }
  const [, from = '0', to = String(found.size - 1)] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from);
  const end = Math.min(Number(to) + 1, found.size);
  const partial = request.headers.range !== undefined;
  response.writeHead(partial ? 206 : 200, {
    ...headers,
    'content-length': end - start,
    ...(partial ? { 'content-range': `bytes ${start}-${end - 1}/${found.size}` } : {}),
  });
  if (found.bytes !== undefined) {
    response.end(found.bytes.subarray(start, end));
    return;
  }
  for (let at = start; at < end; at += large.length) {
    const isTaken = response.write(large.subarray(0, Math.min(large.length, end - at)));
    if (!isTaken) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}

/** The long listings are made; of other directories, what is stored. */
async function list(parameters: URLSearchParams, response: ServerResponse): Promise<void> {
  const prefix = parameters.get('prefix') ?? '';
  const limit = Number(parameters.get('max-keys') ?? keysOnPage);
  const made = limit < keysOnPage ? undefined : madePage(prefix, Number(parameters.get('continuation-token') ?? 0));
  if (made !== undefined) {
    if (prefix === 'slow/') await sleep(pageMilliseconds);
    response.writeHead(200, { 'content-type': 'application/xml', 'content-length': made.length }).end(made);
    return;
  }
  const after = parameters.get('start-after') ?? '';
  const below = [...stored.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const isOneLevel = parameters.get('delimiter') === '/';
  const keys = isOneLevel ? below.filter((key) => !key.slice(prefix.length).includes('/')) : below;
  const next = keys.length > limit ? 'none' : undefined;
  xml(
    response,
    listing(
      prefix,
      keys.slice(0, limit).map((key) => ({ key, size: stored.get(key)?.size ?? 0 })),
      next,
      isOneLevel ? madeDirectories(prefix) : [],
    ),
  );
}

function xml(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(text) }).end(text);
}
