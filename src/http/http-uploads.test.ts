import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpServer, rawServer, requestHead } from '../../test/fakes/http/loopback-server.ts';
import { isStoreError } from '../store/errors.ts';
import { bytesSource } from '../store/source.ts';
import type { Source } from '../store/store.ts';
import { HttpClient } from './http-client.ts';
import type { HttpRequest } from './http-request.ts';
import { SourceFailure } from './source-failure.ts';

const options = { timeout: 30_000 };
const client = new HttpClient();
after(() => client.close());

const put = (origin: string, body: HttpRequest['body'], more: Partial<HttpRequest> = {}): HttpRequest => ({
  operation: 'Put',
  method: 'PUT',
  origin,
  path: '/',
  body,
  ...more,
});

interface WatchedSource extends Source {
  readonly read: () => number;
  readonly ended: () => boolean;
}

/** Streams zeros, by default at once; knows how far it was read and whether it was ended. */
function watched(size: number, chunkBytes: number, before: (at: number) => unknown = () => undefined): WatchedSource {
  let read = 0;
  let ended = false;
  return {
    size,
    read: () => read,
    ended: () => ended,
    slice: () => assert.fail('nobody asked for a slice'),
    async *stream() {
      try {
        while (read < size) {
          await before(read);
          const length = Math.min(chunkBytes, size - read);
          read += length;
          yield new Uint8Array(length);
        }
      } finally {
        ended = true;
      }
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

test('an answer that comes before the body is read is the answer, and ends the source', options, async () => {
  for (const [status, connection] of [
    [413, 'close'],
    [307, 'keep-alive'],
    [403, 'close'],
  ] as const) {
    await using server = await rawServer(async (socket) => {
      await requestHead(socket);
      const text = `HTTP/1.1 ${status} No\r\nlocation: /b\r\ncontent-length: 3\r\nconnection: ${connection}\r\n\r\nno!`;
      if (connection === 'close') socket.end(text);
      else socket.write(text);
    });
    const source = watched(200 << 20, 1 << 20);
    const answer = await client.send(put(server.origin, source));
    assert.deepEqual([answer.status, answer.headers['location'], await answer.body.text()], [status, '/b', 'no!']);
    await until(() => source.ended());
    assert.ok(source.read() < source.size);
  }
});

test(
  'a refused upload is seen again and again, even if the server resets the connection after it',
  options,
  async () => {
    await using server = await rawServer(async (socket) => {
      await requestHead(socket);
      socket.write('HTTP/1.1 403 No\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno!', () => {
        setTimeout(() => socket.resetAndDestroy(), 5);
      });
    });
    for (let count = 0; count < 20; count++) {
      const answer = await client.send(put(server.origin, watched(50 << 20, 64 << 10)));
      assert.deepEqual([answer.status, await answer.body.text()], [403, 'no!']);
    }
  },
);

test('what a source throws comes out untouched, and the upload is not completed', options, async () => {
  let completed = 0;
  await using server = await httpServer(async (request, response) => {
    for await (const chunk of request) assert.ok(chunk);
    completed++;
    response.end();
  });
  const failure = new Error('the disk');
  for (const size of [1000, 5 << 20])
    for (const place of [0, size / 2, size]) {
      const source: Source = {
        ...bytesSource(new Uint8Array(size)),
        async *stream() {
          if (place > 0) yield new Uint8Array(place);
          throw failure;
        },
      };
      const isIt = (error: unknown): boolean => error instanceof SourceFailure && error.reason === failure;
      await assert.rejects(client.send(put(server.origin, source)), isIt);
      await assert.rejects(client.send(put(server.origin, source, { expectContinue: true })), isIt);
    }
  assert.equal(completed, 0);
});

test('a source that delivers more or less than it promised never completes an upload', options, async () => {
  let completed = 0;
  await using server = await httpServer(async (request, response) => {
    for await (const chunk of request) assert.ok(chunk);
    completed++;
    response.end();
  });
  for (const promised of [999_999, 1_000_001]) {
    const source: Source = { ...bytesSource(new Uint8Array(1_000_000)), size: promised };
    await assert.rejects(
      client.send(put(server.origin, source)),
      (error) => error instanceof SourceFailure && isStoreError(error.reason, 'Corrupt'),
    );
  }
  assert.equal(completed, 0);
});

test('a server that stops reading is Unavailable in time, and the source ends', options, async () => {
  await using server = await rawServer(async (socket) => {
    await requestHead(socket);
    socket.pause();
  });
  const hasty = new HttpClient({ headersTimeout: 300 });
  for (const expectContinue of [false, true]) {
    const source = watched(500 << 20, 1 << 20);
    await assert.rejects(
      hasty.send(put(server.origin, source, { expectContinue })),
      (error) => isStoreError(error, 'Unavailable') && /no answer in time/.test(error.message),
    );
    await until(() => source.ended());
  }
  await hasty.close();
});

test('an upload may take longer than any timeout while bytes go', options, async () => {
  await using server = await httpServer(async (request, response) => {
    for await (const chunk of request) assert.ok(chunk);
    response.end('done');
  });
  const hasty = new HttpClient({ headersTimeout: 200, bodyTimeout: 200 });
  for (const expectContinue of [false, true]) {
    const source = watched(10 << 20, 1 << 20, () => sleep(80));
    const answer = await hasty.send(put(server.origin, source, { expectContinue }));
    assert.equal(await answer.body.text(), 'done');
  }
  await hasty.close();
});

test('after a slow upload the answer has its time, and no more', options, async () => {
  await using server = await httpServer(async (request) => {
    for await (const chunk of request) assert.ok(chunk);
  });
  const hasty = new HttpClient({ headersTimeout: 200 });
  for (const expectContinue of [false, true]) {
    const source = watched(300_000, 100_000, () => sleep(250));
    await assert.rejects(
      hasty.send(put(server.origin, source, { expectContinue })),
      (error) => isStoreError(error, 'Unavailable') && /no answer in time/.test(error.message),
    );
    assert.equal(source.read(), source.size);
  }
  await hasty.close();
});

test('an abort during an upload rejects at once, and ends the source', options, async () => {
  await using server = await rawServer(async (socket) => {
    await requestHead(socket);
    socket.resume();
  });
  const reason = new Error('enough');
  for (const expectContinue of [false, true]) {
    const abort = new AbortController();
    const source = watched(500 << 20, 1 << 20, (at) => {
      if (at >= 10 << 20) abort.abort(reason);
    });
    await assert.rejects(
      client.send(put(server.origin, source, { signal: abort.signal, expectContinue })),
      (error) => error === reason,
    );
    await until(() => source.ended());
  }
});

test('bytes of uploads that fail are counted', options, async () => {
  await using server = await rawServer(async (socket) => {
    await requestHead(socket);
    socket.on('data', () => undefined);
    setTimeout(() => socket.destroy(), 200);
  });
  const counted = new HttpClient();
  const source = watched(5 << 20, 1 << 20, async (at) => {
    if (at >= 2 << 20) await sleep(10_000, undefined, { ref: false });
  });
  await assert.rejects(counted.send(put(server.origin, source)), (error) => isStoreError(error, 'Unavailable'));
  const { requests, failures, sent } = counted.traffic.figures()['Put'] ?? { requests: 0, failures: 0, sent: 0 };
  assert.deepEqual([requests, failures], [1, 1]);
  assert.ok(sent >= 1 << 20 && sent <= 2 << 20, String(sent));
  await counted.close();
});
