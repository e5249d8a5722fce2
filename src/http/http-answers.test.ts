import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { httpServer, rawServer, requestHead } from '../../test/fakes/http/loopback-server.ts';
import { isTimedOut } from '../store/timed-out.ts';
import { isStoreError } from '../store/errors.ts';
import { HttpClient } from './http-client.ts';
import type { HttpRequest } from './http-request.ts';

const options = { timeout: 20_000 };
const client = new HttpClient();
after(() => client.close());

const get = (origin: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  operation: 'Get',
  method: 'GET',
  origin,
  path: '/',
  ...more,
});

test('an answer that is cut off is Unavailable, however its end is told', options, async () => {
  const heads = ['content-length: 100', 'transfer-encoding: chunked'];
  for (const head of heads)
    for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
      await using server = await rawServer(async (socket) => {
        await requestHead(socket);
        socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${head.startsWith('t') ? '5\r\n' : ''}hello`);
        setTimeout(() => socket[end](), 20);
      });
      const answer = await client.send(get(server.origin));
      assert.equal(answer.status, 200);
      await assert.rejects(answer.body.bytes(), (error) => isStoreError(error, 'Unavailable'), `${head} ${end}`);
    }
});

test('what is no HTTP is Unavailable', options, async () => {
  await using server = await rawServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
  await assert.rejects(client.send(get(server.origin)), (error) => isStoreError(error, 'Unavailable'));
});

test('an abort rejects at once with the reason: before, while waiting, in the answer', options, async () => {
  await using server = await rawServer(async (socket) => {
    const head = await requestHead(socket);
    if (head.startsWith('GET /begun')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello');
  });
  const reason = new Error('enough');
  await assert.rejects(
    client.send(get(server.origin, { signal: AbortSignal.abort(reason) })),
    (error) => error === reason,
  );

  const waiting = new AbortController();
  setTimeout(() => waiting.abort(reason), 20);
  await assert.rejects(client.send(get(server.origin, { signal: waiting.signal })), (error) => error === reason);

  const begun = new AbortController();
  const answer = await client.send(get(server.origin, { signal: begun.signal, path: '/begun' }));
  setTimeout(() => begun.abort(reason), 20);
  await assert.rejects(answer.body.bytes(), (error) => error === reason);

  const unread = new AbortController();
  const other = await client.send(get(server.origin, { signal: unread.signal, path: '/begun' }));
  unread.abort(reason);
  await assert.rejects(other.body.bytes(), (error) => error === reason);
});

test('an aborted answer is not handed on, even where it has come already', options, async () => {
  await using server = await httpServer((_request, response) => response.end(Buffer.alloc(200_000)));
  const abort = new AbortController();
  const reason = new Error('enough');
  const answer = await client.send(get(server.origin, { signal: abort.signal }));
  await assert.rejects(
    async () => {
      for await (const chunk of answer.body) {
        assert.ok(chunk.length > 0);
        abort.abort(reason);
      }
    },
    (error) => error === reason,
  );
});

test('a server that accepts and says nothing, or stops halfway, is Unavailable in time', options, async () => {
  await using server = await rawServer(async (socket) => {
    const head = await requestHead(socket);
    if (head.startsWith('GET /begun')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello');
  });
  const hasty = new HttpClient({ headersTimeout: 100, bodyTimeout: 100 });
  await assert.rejects(
    hasty.send(get(server.origin)),
    (error) => isStoreError(error, 'Unavailable') && /no answer in time/.test(error.message),
  );
  const answer = await hasty.send(get(server.origin, { path: '/begun' }));
  await assert.rejects(
    answer.body.bytes(),
    (error) => isStoreError(error, 'Unavailable') && /halfway/.test(error.message),
  );
  await hasty.close();
});

test('one option makes the client less patient', options, async () => {
  await using server = await rawServer(async (socket) => {
    const head = await requestHead(socket);
    if (head.startsWith('GET /begun')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello');
  });
  const hasty = new HttpClient({ timeout: 50 });
  await assert.rejects(hasty.send(get(server.origin)), isTimedOut);
  const answer = await hasty.send(get(server.origin, { path: '/begun' }));
  await assert.rejects(answer.body.bytes(), isTimedOut);
  await hasty.close();
});

test('a large answer that is read slowly takes little memory and is whole', options, async () => {
  const piece = Buffer.alloc(1 << 20, 'x');
  let written = 0;
  await using server = await httpServer(async (_request, response) => {
    for (let count = 0; count < 64; count++) {
      written += piece.length;
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  });
  const answer = await client.send(get(server.origin));
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(written < 40 << 20, `${written} bytes were taken although nobody read`);
  let received = 0;
  for await (const chunk of answer.body) received += chunk.length;
  assert.equal(received, 64 << 20);
});

test('an answer that nobody reads gives its connection back after a while', options, async () => {
  await using server = await httpServer((request, response) => {
    response.end(request.url === '/large' ? Buffer.alloc(30 << 20) : 'small');
  });
  const small = new HttpClient({ connections: 1, unreadTimeout: 100 });
  const forgotten = await small.send(get(server.origin, { path: '/large' }));
  assert.equal(await (await small.send(get(server.origin))).body.text(), 'small');
  await assert.rejects(
    forgotten.body.bytes(),
    (error) => isStoreError(error, 'Unavailable') && /nobody read/.test(error.message),
  );
  await small.close();
});

test('a short rest is thrown away to keep the connection, a long one with it', options, async () => {
  await using server = await httpServer((request, response) => {
    response.end(Buffer.alloc(request.url === '/large' ? 30 << 20 : 1000));
  });
  const one = new HttpClient({ connections: 1 });
  for (const path of ['/', '/', '/large', '/']) await (await one.send(get(server.origin, { path }))).body.discard();
  assert.equal(server.connections(), 2);
  assert.ok((one.traffic.figures()['Get']?.received ?? 0) < 10 << 20);
  await one.close();
});

test('leaving the answer early gives the connection back', options, async () => {
  await using server = await httpServer((_request, response) => response.end(Buffer.alloc(5 << 20)));
  const one = new HttpClient({ connections: 1 });
  for (let count = 0; count < 3; count++)
    for await (const chunk of (await one.send(get(server.origin))).body) {
      assert.ok(chunk.length > 0);
      break;
    }
  await one.close();
});

test('an answer longer than the limit is Unavailable, and one that is read twice a TypeError', options, async () => {
  await using server = await httpServer((_request, response) => response.end(Buffer.alloc(5000)));
  const long = await client.send(get(server.origin));
  await assert.rejects(long.body.bytes(4999), (error) => isStoreError(error, 'Unavailable'));
  const once = await client.send(get(server.origin));
  assert.equal((await once.body.bytes()).length, 5000);
  await assert.rejects(once.body.bytes(), TypeError);
});

test('closing the client ends what is under way', options, async () => {
  await using server = await rawServer(async (socket) => {
    await requestHead(socket);
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello');
  });
  const closing = new HttpClient();
  const answer = await closing.send(get(server.origin));
  await closing.close();
  await assert.rejects(answer.body.bytes(), (error) => isStoreError(error, 'Unavailable'));
  await assert.rejects(closing.send(get(server.origin)), (error) => isStoreError(error, 'Unavailable'));
});
