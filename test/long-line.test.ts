/** The line of the benchmarks: if it were wrong, so would be every figure over it. */
import assert from 'node:assert/strict';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { difference, Line } from '../bench/mount/line.ts';

const timeout = 30_000;
const roundTrip = 40;
const connections = 64;

/** A line to a server that answers what it is sent. */
async function lineToEcho(t: TestContext): Promise<Line> {
  const server = createServer((asked, answer) => asked.pipe(answer));
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  t.after(() => server.close());
  const line = await Line.start((server.address() as AddressInfo).port);
  t.after(() => line.stop());
  return line;
}

/** Milliseconds until the whole answer is there, and how long it is. */
function ask(line: Line, agent: Agent, method: string, body = ''): Promise<{ milliseconds: number; length: number }> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: line.port, agent, method, path: '/' }, (answer) => {
      let length = 0;
      answer.on('data', (data: Buffer) => (length += data.length));
      answer.once('end', () => resolve({ milliseconds: performance.now() - began, length }));
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

test('no answer comes before a round trip, nor before two over a new connection', { timeout }, async (t) => {
  const line = await lineToEcho(t);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  t.after(() => agent.destroy());
  await line.setRoundTrip(roundTrip);
  const everyone = Array.from({ length: connections });
  const first = await Promise.all(everyone.map(() => ask(line, agent, 'GET')));
  const second = await Promise.all(everyone.map(() => ask(line, agent, 'GET')));
  // Timers of Node may be a millisecond early.
  for (const { milliseconds } of first) assert.ok(milliseconds >= 2 * roundTrip - 2, `${milliseconds} ms`);
  for (const { milliseconds } of second) assert.ok(milliseconds >= roundTrip - 2, `${milliseconds} ms`);
  assert.equal((await line.figures()).connections, connections);
});

test('requests are counted by method, and bytes in both directions', { timeout }, async (t) => {
  const line = await lineToEcho(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const before = await line.figures();
  const body = 'x'.repeat(3 << 20);
  assert.equal((await ask(line, agent, 'PUT', body)).length, body.length);
  await ask(line, agent, 'HEAD');
  await ask(line, agent, 'HEAD');
  const { up, down, requests } = difference(before, await line.figures());
  assert.deepEqual(requests, { PUT: 1, HEAD: 2 });
  for (const bytes of [up, down]) assert.ok(bytes > body.length && bytes < body.length + 10_000, `${bytes} bytes`);
});
