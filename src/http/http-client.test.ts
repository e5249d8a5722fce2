import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpServer, rawServer, requestHead } from '../../test/fakes/http/loopback-server.ts';
import { isStoreError } from '../store/errors.ts';
import { bytesSource } from '../store/source.ts';
import { HttpClient } from './http-client.ts';
import type { RequestTrace } from './request-account.ts';

const options = { timeout: 20_000 };
const client = new HttpClient();
after(() => client.close());

/** A connection is free again a moment after its answer has ended. */
const moment = (): Promise<void> => sleep(5);

test('paths and queries arrive byte for byte', options, async () => {
  const seen: (string | undefined)[] = [];
  await using server = await httpServer((request, response) => {
    seen.push(request.url);
    response.end();
  });
  const paths = [
    '/a/../b',
    '/a/./b//c',
    '/%2F%2e%2E/x',
    '/a+b%2Bc',
    '/a%3Fb%23c?d=e%26f+g&h',
    '/%F0%9F%98%80?',
    "/~!$'()*,;=:@",
  ];
  for (const path of paths) {
    const { body } = await client.send({ operation: 'Get', method: 'GET', origin: server.origin, path });
    await body.discard();
  }
  assert.deepEqual(seen, paths);
});

test('a path that HTTP cannot express is a TypeError, and nothing is sent', options, async () => {
  await using server = await httpServer((_request, response) => response.end());
  for (const path of ['/a b', '/ä€', '/a\r\nx: y', 'a'])
    await assert.rejects(client.send({ operation: 'Get', method: 'GET', origin: server.origin, path }), TypeError);
  const headers = { 'x-name': 'a\r\nb: c' };
  await assert.rejects(
    client.send({ operation: 'Get', method: 'GET', origin: server.origin, path: '/', headers }),
    TypeError,
  );
  assert.equal(server.connections(), 0);
});

test('bytes, text and sources of all sizes arrive, with their length', options, async () => {
  await using server = await httpServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    assert.equal(Number(request.headers['content-length']), Buffer.concat(chunks).length);
    response.end(Buffer.concat(chunks));
  });
  const large = Buffer.alloc(3_000_000, 'abcdefg');
  const bodies = ['', 'täxt', new Uint8Array(0), large, bytesSource(''), bytesSource('small'), bytesSource(large)];
  for (const body of bodies) {
    const answer = await client.send({ operation: 'Put', method: 'PUT', origin: server.origin, path: '/', body });
    const sent = typeof body === 'string' ? Buffer.from(body) : body;
    const expected = sent instanceof Uint8Array ? sent : Buffer.concat(await Array.fromAsync(sent.stream()));
    assert.ok(Buffer.from(await answer.body.bytes()).equals(expected));
  }
});

test('repeated headers are joined, undefined ones are not sent', options, async () => {
  await using server = await httpServer((request, response) => {
    assert.equal('x-nothing' in request.headers, false);
    response.writeHead(401, [
      ['WWW-Authenticate', 'Digest realm="a"'],
      ['WWW-Authenticate', 'Basic realm="a"'],
    ] as unknown as string[]);
    response.end();
  });
  const headers = { 'x-nothing': undefined };
  const answer = await client.send({ operation: 'Get', method: 'GET', origin: server.origin, path: '/', headers });
  assert.equal(answer.headers['www-authenticate'], 'Digest realm="a", Basic realm="a"');
  await answer.body.discard();
});

test('one request after another uses one connection, HEAD too', options, async () => {
  await using server = await httpServer((_request, response) => {
    response.writeHead(200, { 'content-length': 5 }).end('hello');
  });
  for (const method of ['HEAD', 'GET', 'HEAD', 'PUT', 'HEAD', 'DELETE', 'PROPFIND', 'HEAD']) {
    const { status, body } = await client.send({ operation: method, method, origin: server.origin, path: '/' });
    assert.equal(status, 200);
    assert.equal(await body.text(), method === 'HEAD' ? '' : 'hello');
    await moment();
  }
  assert.equal(server.connections(), 1);
});

test('an informational answer is not the answer', options, async () => {
  await using server = await rawServer(async (socket) => {
    await requestHead(socket);
    socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  const answer = await client.send({ operation: 'Get', method: 'GET', origin: server.origin, path: '/' });
  assert.deepEqual([answer.status, await answer.body.text()], [200, 'ok']);
});

test(
  'a connection that the server closes when it is used again is Unavailable, and then a new one',
  options,
  async () => {
    await using server = await rawServer(async (socket) => {
      await requestHead(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      await requestHead(socket);
      socket.destroy();
    });
    const request = { operation: 'Get', method: 'GET', origin: server.origin, path: '/' };
    assert.equal(await (await client.send(request)).body.text(), 'ok');
    await moment();
    await assert.rejects(client.send(request), (error) => isStoreError(error, 'Unavailable') && error.retryable);
    assert.equal(await (await client.send(request)).body.text(), 'ok');
    assert.equal(server.connections(), 2);
  },
);

test('a connection that the server has closed while it was idle is not used again', options, async () => {
  await using server = await rawServer(async (socket) => {
    await requestHead(socket);
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  const request = { operation: 'Post', method: 'POST', origin: server.origin, path: '/', body: 'once' };
  for (let count = 0; count < 5; count++) {
    assert.equal(await (await client.send(request)).body.text(), 'ok');
    await moment();
  }
});

test('who is not there is Unavailable, and the message says what is wrong', options, async () => {
  const gone = await httpServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  await assert.rejects(
    client.send({ operation: 'Get', method: 'GET', origin: gone.origin, path: '/secret' }),
    (error) => isStoreError(error, 'Unavailable') && /refuses connections/.test(error.message),
  );
  await assert.rejects(
    client.send({ operation: 'Get', method: 'GET', origin: 'http://no-such-host.invalid', path: '/' }),
    (error) => isStoreError(error, 'Unavailable') && /http:\/\/no-such-host\.invalid/.test(error.message),
  );
});

test('traffic counts every request, its failures and its bytes', options, async () => {
  await using server = await httpServer(async (request, response) => {
    for await (const chunk of request) assert.ok(chunk);
    response.writeHead(request.url === '/missing' ? 404 : 200).end('12345');
  });
  const counted = new HttpClient();
  const put = { operation: 'Put', method: 'PUT', origin: server.origin, path: '/', body: bytesSource('abc') };
  await (await counted.send(put)).body.bytes();
  await (await counted.send({ ...put, path: '/missing' })).body.discard();
  await (await counted.send({ operation: 'Get', method: 'GET', origin: server.origin, path: '/' })).body.bytes();
  assert.deepEqual(counted.traffic.figures(), {
    Put: { requests: 2, failures: 1, sent: 6, received: 10 },
    Get: { requests: 1, failures: 0, sent: 0, received: 5 },
  });
  await counted.close();
});

test('each request is told on the diagnostics channel, without secrets', options, async () => {
  await using server = await httpServer((request, response) => {
    if (request.url?.startsWith('/broken') === true) request.socket.destroy();
    else response.writeHead(204).end();
  });
  const traces: RequestTrace[] = [];
  const listen = (message: unknown): void => void traces.push(message as RequestTrace);
  subscribe('cloudfusion:http:request', listen);
  const headers = { authorization: 'Bearer very-secret' };
  const path = '/a?X-Amz-Signature=very-secret&uploads&prefix=b';
  const request = { operation: 'Post', method: 'POST', origin: server.origin, path, headers, body: 'hello' };
  await (await client.send(request)).body.bytes();
  await assert.rejects(client.send({ ...request, path: '/broken?a=very-secret?b=very-secret' }));
  unsubscribe('cloudfusion:http:request', listen);
  assert.deepEqual(
    traces.map(({ milliseconds, ...trace }) => {
      assert.ok(milliseconds >= 0);
      return trace;
    }),
    [
      {
        operation: 'Post',
        method: 'POST',
        origin: server.origin,
        path: '/a?X-Amz-Signature&uploads&prefix',
        status: 204,
        bytes: { sent: 5, received: 0 },
      },
      {
        operation: 'Post',
        method: 'POST',
        origin: server.origin,
        path: '/broken?a',
        status: undefined,
        bytes: { sent: 5, received: 0 },
      },
    ],
  );
});

test('429 and 503 slow down everybody, and Retry-After holds everybody', options, async () => {
  await using server = await httpServer((request, response) => {
    response.writeHead(request.url === '/busy' ? 503 : 200, { 'retry-after': '3600' }).end();
  });
  const hasty = new HttpClient();
  const get = { operation: 'Get', method: 'GET', origin: server.origin, path: '/' };
  await (await hasty.send(get)).body.discard();
  await (await hasty.send({ ...get, path: '/busy' })).body.discard();
  await assert.rejects(
    hasty.send(get),
    (error) => isStoreError(error, 'RateLimited') && (error.retryAfter ?? 0) > 3_500_000,
  );
  await hasty.close();
});
