import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  httpServer,
  httpsServer,
  type LoopbackServer,
  rawServer,
  requestHead,
} from '../../test/fakes/http/loopback-server.ts';
import { testIdentity } from '../../test/fakes/http/test-identity.ts';
import { isStoreError } from '../store/errors.ts';
import { bytesSource } from '../store/source.ts';
import { HttpClient } from './http-client.ts';
import type { HttpRequest } from './http-request.ts';

const options = { timeout: 20_000 };
const client = new HttpClient();
after(() => client.close());

const put = (origin: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  operation: 'Put',
  method: 'PUT',
  origin,
  path: '/a/../b%2F?c+d',
  body: bytesSource(Buffer.alloc(300_000, 'abc')),
  expectContinue: true,
  ...more,
});

/** A server that answers the head at once, and counts what comes of the body. */
async function refusing(
  answer: string,
): Promise<LoopbackServer & { readonly head: () => string; readonly bytes: () => number }> {
  let head = '';
  let bytes = 0;
  const server = await rawServer(async (socket) => {
    head = await requestHead(socket);
    bytes += head.length - head.indexOf('\r\n\r\n') - 4;
    socket.on('data', (chunk: Buffer) => void (bytes += chunk.length));
    socket.write(answer);
  });
  return { ...server, head: () => head, bytes: () => bytes };
}

test('a refused upload sends no byte of its body', options, async () => {
  await using server = await refusing('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nno!');
  for (const body of [bytesSource(Buffer.alloc(300_000)), bytesSource('small'), 'text']) {
    const answer = await client.send(put(server.origin, { body }));
    assert.deepEqual([answer.status, await answer.body.text()], [413, 'no!']);
  }
  await sleep(1200);
  assert.equal(server.bytes(), 0);
  assert.match(server.head(), /^PUT \/a\/\.\.\/b%2F\?c\+d HTTP\/1\.1\r\n/);
  assert.match(server.head(), /expect: 100-continue/i);
  assert.equal(client.traffic.figures()['Put']?.sent, 0);
});

test('an upload that the server agrees to arrives whole, by one connection', options, async () => {
  const sizes: number[] = [];
  await using server = await httpServer(async (request, response) => {
    assert.equal(request.headers.expect, '100-continue');
    assert.equal(request.headers['content-length'], '300000');
    let size = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) size += chunk.length;
    sizes.push(size);
    response.writeHead(201, { etag: '"1"' }).end('created');
  });
  for (let count = 0; count < 3; count++) {
    const answer = await client.send(put(server.origin));
    assert.deepEqual([answer.status, answer.headers['etag'], await answer.body.text()], [201, '"1"', 'created']);
    await sleep(5);
  }
  assert.deepEqual([sizes, server.connections()], [[300_000, 300_000, 300_000], 1]);
});

test('a server that does not know of it gets the body after a moment', options, async () => {
  let bytes = 0;
  await using server = await rawServer(async (socket: Socket) => {
    const head = await requestHead(socket);
    bytes = head.length - head.indexOf('\r\n\r\n') - 4;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes === 300_000) socket.write('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n');
    });
  });
  const answer = await client.send(put(server.origin));
  assert.deepEqual([answer.status, (await answer.body.bytes()).length, bytes], [201, 0, 300_000]);
});

test('a refusal in the middle of the body is seen as the answer', options, async () => {
  await using server = await rawServer(async (socket: Socket) => {
    await requestHead(socket);
    socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.write('HTTP/1.1 507 Full\r\ncontent-length: 4\r\n\r\nfull');
  });
  const answer = await client.send(put(server.origin, { body: bytesSource(Buffer.alloc(100 << 20)) }));
  assert.deepEqual([answer.status, await answer.body.text()], [507, 'full']);
});

test('no answer at all, an abort and a broken answer end as everywhere', options, async () => {
  await using server = await rawServer(async (socket) => {
    const head = await requestHead(socket);
    if (head.includes('/broken')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello');
    if (head.includes('/stalled')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello');
    if (head.includes('/closed')) socket.destroy();
  });
  const hasty = new HttpClient({ headersTimeout: 100, bodyTimeout: 100 });
  const isUnavailable = (error: unknown): boolean => isStoreError(error, 'Unavailable');
  await assert.rejects(hasty.send(put(server.origin)), isUnavailable);
  await assert.rejects(hasty.send(put(server.origin, { path: '/closed' })), isUnavailable);
  for (const path of ['/broken', '/stalled']) {
    const answer = await hasty.send(put(server.origin, { path }));
    await assert.rejects(answer.body.bytes(), isUnavailable, path);
  }
  await hasty.close();
  const reason = new Error('enough');
  const abort = new AbortController();
  setTimeout(() => abort.abort(reason), 50);
  await assert.rejects(client.send(put(server.origin, { signal: abort.signal })), (error) => error === reason);
});

test('a large answer is read at the reader’s pace and can be left', options, async () => {
  await using server = await httpServer(async (request, response) => {
    for await (const chunk of request) assert.ok(chunk);
    response.end(Buffer.alloc(20 << 20));
  });
  const whole = await client.send(put(server.origin));
  assert.equal((await whole.body.bytes()).length, 20 << 20);
  const left = await client.send(put(server.origin));
  await left.body.discard();
});

test('it trusts the same authorities', options, async () => {
  using identity = testIdentity();
  await using server = await httpsServer(identity.pem, async (request, response) => {
    for await (const chunk of request) assert.ok(chunk);
    response.writeHead(201).end();
  });
  const trusting = new HttpClient({ caFile: identity.certificateFile });
  const { status, body } = await trusting.send(put(server.origin));
  await body.discard();
  assert.equal(status, 201);
  await assert.rejects(client.send(put(server.origin)), (error) => isStoreError(error, 'Unauthenticated'));
  await trusting.close();
});
