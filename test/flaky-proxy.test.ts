import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { FlakyProxy } from './fakes/flaky-proxy.ts';

describe('a flaky proxy', { timeout: 60_000 }, () => {
  let echo: Server;
  let proxy: FlakyProxy;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    echo = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await FlakyProxy.start((echo.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await proxy.stop();
    echo.close();
    await once(echo, 'close');
  });

  const dial = (): Socket => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
    // Tests that expect a failure wait for it.
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  const failure = async (socket: Socket): Promise<string | undefined> => {
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    return error.code;
  };
  const received = (socket: Socket): { bytes: number } => {
    const count = { bytes: 0 };
    socket.on('data', (data) => (count.bytes += data.length));
    return count;
  };
  const milliseconds = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const ask = async (socket: Socket): Promise<void> => {
    socket.write('?');
    await once(socket, 'data');
  };

  it('passes everything on, ends included', async () => {
    const sent = randomBytes(20 << 20);
    const socket = dial();
    socket.end(sent);
    const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
    assert.equal(hash(await buffer(socket)), hash(sent));
    assert.deepEqual(proxy.bytes, { up: sent.length, down: sent.length });
    assert.equal(proxy.connectionsMade, 1);
  });

  it('makes round trips longer, the first one twice', async () => {
    proxy.roundTrip = 100;
    const socket = dial();
    assert.ok((await milliseconds(() => ask(socket))) >= 199);
    assert.ok((await milliseconds(() => ask(socket))) >= 99);
    proxy.roundTrip = 0;
    await ask(socket);
  });

  it('is long, not narrow: what is under way does not wait for what arrives', async () => {
    proxy.roundTrip = 3_600_000;
    const socket = dial();
    // Much more than the buffers of the kernel hold.
    await new Promise((resolve) => socket.write(Buffer.alloc(24 << 20), resolve));
    assert.deepEqual(proxy.bytes, { up: 0, down: 0 });
  });

  it('breaks one connection after so many bytes down', async () => {
    const broken = proxy.breakAfter('down', 1000);
    const socket = dial();
    const count = received(socket);
    socket.write(Buffer.alloc(100_000));
    assert.equal(await failure(socket), 'ECONNRESET');
    await broken;
    assert.equal(count.bytes, 1000);
    await ask(dial());
  });

  it('breaks one connection after so many bytes up, counted over connections', async () => {
    const broken = proxy.breakAfter('up', 2);
    const [first, second] = [dial(), dial()];
    await ask(first);
    second.write('?');
    assert.equal(await failure(second), 'ECONNRESET');
    await broken;
    await ask(first);
    assert.equal(proxy.bytes.up, 3);
  });

  it('stalls one connection, which stays open and says nothing more', async () => {
    const stalled = proxy.stallAfter('down', 3);
    const socket = dial();
    const count = received(socket);
    socket.write('hello');
    await stalled;
    await ask(dial());
    socket.write('?');
    await ask(dial());
    assert.equal(count.bytes, 3);
    assert.equal(socket.closed, false);
    proxy.reset();
    assert.equal(await failure(socket), 'ECONNRESET');
  });

  it('can be offline for a while', async () => {
    const before = dial();
    await ask(before);
    proxy.goOffline();
    assert.equal(await failure(before), 'ECONNRESET');
    assert.equal(await failure(dial()), 'ECONNRESET');
    proxy.goOnline();
    await ask(dial());
  });

  it('passes a reset on', async () => {
    const accepted = once(echo, 'connection') as Promise<[Socket]>;
    const socket = dial();
    await ask(socket);
    const [server] = await accepted;
    const failed = failure(socket);
    server.resetAndDestroy();
    assert.equal(await failed, 'ECONNRESET');
  });

  it('refuses numbers that are none', async () => {
    await assert.rejects(proxy.breakAfter('up', -1), RangeError);
    await assert.rejects(proxy.stallAfter('up', 0.5), RangeError);
  });

  it('shows the way for a URL', () =>
    assert.equal(proxy.url('https://localhost:1/a%20b?c'), `https://localhost:${proxy.port}/a%20b?c`));
});
