import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as sendRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findControl } from '../control-client.ts';
import type { StatusReport, SyncMessage } from './control-protocol.ts';
import { type Controlled, serveControl } from './control-server.ts';
import type { QueueOrder } from './queue-order.ts';

const report: StatusReport = { pid: 1, version: '1', mountPoint: '/mnt/ü', since: 2, refused: undefined };

describe('the control socket', { timeout: 20_000 }, () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
    path = join(directory, 'run', 'a.sock');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function controlled(parts: Partial<Controlled> = {}): Controlled {
    return {
      status: async () => report,
      queue: async () => undefined,
      order: async () => ({ kind: 'done', changes: 0 }),
      sync: async () => undefined,
      stop: async () => undefined,
      ...parts,
    };
  }

  it('can be reached by its user alone', async () => {
    const server = await serveControl(controlled(), [path]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
    await server.close();
    assert.equal(existsSync(path), false);
  });

  it('answers the status', async () => {
    const server = await serveControl(controlled(), [path]);
    const client = await findControl([join(directory, 'nothing.sock'), path]);
    assert.deepEqual(await client?.status(), JSON.parse(JSON.stringify(report)));
    await server.close();
  });

  it('passes on orders about uploads as they were given, and their answers', async () => {
    const orders: QueueOrder[] = [
      { kind: 'pause' },
      { kind: 'pause', for: 1500 },
      { kind: 'resume' },
      { kind: 'retry', path: '/a b/ü&c?#%\n' },
      { kind: 'cancel', path: '/' },
      { kind: 'prioritise', path: '/x' },
    ];
    const received: QueueOrder[] = [];
    const order: Controlled['order'] = async (given) => {
      received.push(given);
      return { kind: 'done', changes: received.length };
    };
    const server = await serveControl(controlled({ order }), [path]);
    const client = await findControl([path]);
    for (const [i, given] of orders.entries())
      assert.deepEqual(await client?.order(given), { kind: 'done', changes: i + 1 });
    assert.deepEqual(received, orders);
    await assert.rejects(client!.order({ kind: 'nonsense' } as unknown as QueueOrder), /does not know/);
    await assert.rejects(client!.queue(), /not configured/);
    await server.close();
  });

  it('answers what is no address, and goes on', async () => {
    const server = await serveControl(controlled(), [path]);
    for (const address of ['//', '/queue/pause?for=1e300', '/queue/pause?for=Infinity', '/%']) {
      const request = sendRequest({ socketPath: path, path: address, method: 'POST' }).end();
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      assert.equal(answer.statusCode, 404, address);
      answer.resume();
    }
    assert.ok((await findControl([path])) !== undefined);
    await server.close();
  });

  it('streams what a synchronisation reports, as it happens', async () => {
    const messages: SyncMessage[] = [
      { kind: 'progress', changesLeft: 2, bytesLeft: 3, changesDone: 0, bytesDone: 0 },
      { kind: 'failed', message: 'line\nfeed ü', changes: [] },
    ];
    const seen = Promise.withResolvers<void>();
    const sync: Controlled['sync'] = async (report) => {
      report(messages[0]!);
      await seen.promise;
      report(messages[1]!);
    };
    const server = await serveControl(controlled({ sync }), [path]);
    const client = await findControl([path]);
    const received: SyncMessage[] = [];
    for await (const message of client!.sync()) {
      received.push(message);
      seen.resolve();
    }
    assert.deepEqual(received, messages);
    await server.close();
  });

  it('ends the waiting of a command that went away', async () => {
    const aborted = Promise.withResolvers<void>();
    const sync: Controlled['sync'] = async (report, signal) => {
      signal.addEventListener('abort', () => aborted.resolve());
      report({ kind: 'progress', changesLeft: 1, bytesLeft: 1, changesDone: 0, bytesDone: 0 });
      await aborted.promise;
    };
    const server = await serveControl(controlled({ sync }), [path]);
    const client = await findControl([path]);
    for await (const message of client!.sync()) {
      assert.equal(message.kind, 'progress');
      break;
    }
    await aborted.promise;
    await server.close();
  });

  it('tells a command when the daemon dies in the middle', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/status') response.end(JSON.stringify(report));
      else response.write('{"kind":"stopping"}\n', () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(join(directory, 'b.sock'), resolve));
    const client = await findControl([join(directory, 'b.sock')]);
    await assert.rejects(async () => {
      for await (const message of client!.stop({ force: false })) assert.deepEqual(message, { kind: 'stopping' });
    });
    server.close();
  });

  it('lets the answer out when it is closed from within', async () => {
    const late: { close?: () => Promise<void> } = {};
    const closed = Promise.withResolvers<void>();
    const stop: Controlled['stop'] = async (report) => {
      setImmediate(() => closed.resolve(late.close?.()));
      report({ kind: 'stopped', changes: 1, files: 1, bytes: 1, forced: false });
    };
    const server = await serveControl(controlled({ stop }), [path]);
    late.close = () => server.close();
    const client = await findControl([path]);
    const kinds: string[] = [];
    for await (const message of client!.stop({ force: false })) kinds.push(message.kind);
    assert.deepEqual(kinds, ['stopped']);
    await closed.promise;
  });

  it('passes on whether a stop may use force', async () => {
    const forces: boolean[] = [];
    const stop: Controlled['stop'] = async (tell, { force }) => {
      forces.push(force);
      tell({ kind: 'inUse', message: 'by vim' });
    };
    const server = await serveControl(controlled({ stop }), [path]);
    const client = await findControl([path]);
    for (const force of [false, true])
      for await (const message of client!.stop({ force }))
        assert.deepEqual(message, { kind: 'inUse', message: 'by vim' });
    assert.deepEqual(forces, [false, true]);
    await server.close();
  });

  it('takes the place of a socket that a dead process left, but not of a living one', async () => {
    const first = await serveControl(controlled(), [path]);
    const second = await serveControl(controlled(), [path, join(directory, 'run', 'b.sock')]);
    assert.notEqual(second.path, path);
    await Promise.all([first.close(), second.close()]);
    // What a dead process leaves refuses connections; so does a file in its place.
    writeFileSync(path, '');
    const third = await serveControl(controlled(), [path]);
    assert.equal(third.path, path);
    await third.close();
  });

  it('says why there is no place for it', async () => {
    await assert.rejects(serveControl(controlled(), ['/dev/null/a.sock']), /no place to listen.*\/dev\/null/);
  });

  it('is not found where nobody listens, nor where somebody else could', async () => {
    assert.equal(await findControl([path]), undefined);
    writeFileSync(join(directory, 'file.sock'), '');
    assert.equal(await findControl([join(directory, 'file.sock')]), undefined);
  });
});
