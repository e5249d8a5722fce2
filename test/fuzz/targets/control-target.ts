import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Controlled, serveControl } from '../../../src/cli/daemon/control-server.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { mutated, oneOf } from '../mutation.ts';

const samples: readonly Buffer[] = [
  'GET /status HTTP/1.1\r\nHost: mount\r\n\r\n',
  'GET /queue HTTP/1.1\r\nHost: mount\r\nConnection: close\r\n\r\n',
  'POST /queue/pause?for=3600000 HTTP/1.1\r\nHost: mount\r\nContent-Length: 0\r\n\r\n',
  'POST /queue/cancel?path=%2Fa%20b HTTP/1.1\r\nHost: mount\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
  'POST /sync HTTP/1.1\r\nHost: mount\r\nContent-Length: 2\r\n\r\n{}',
  'POST /stop?force HTTP/1.1\r\nHost: mount\r\n\r\n',
].map((text) => Buffer.from(text));

const patience = 5000;

const controlled: Controlled = {
  status: async () => ({ pid: 1, version: '1', mountPoint: '/mnt', since: 0, refused: undefined }),
  queue: async () => undefined,
  order: async () => ({ kind: 'done', changes: 0 }),
  sync: async (report) => report({ kind: 'done' }),
  stop: async (report) => report({ kind: 'stopped', changes: 0, files: 0, bytes: 0, forced: false }),
};

/** The socket for commands: whatever comes in, the next command is answered. */
export async function openControlTarget(name: string, share: number): Promise<FuzzTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-fuzz-'));
  const server = await serveControl(controlled, [join(directory, 'run', 'a.sock')]);
  return {
    name,
    share,
    make: (random) => mutated(random, oneOf(random, samples), samples),
    async take(input) {
      await sent(server.path, input);
      assert.equal(await statusOf(server.path), 200);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Resolves when the connection is over. */
function sent(path: string, input: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the connection stays open')), patience);
    const socket = connect(path, () => socket.end(input));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
  });
}

function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path, path: '/status', agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    })
      .on('error', reject)
      .end();
  });
}
