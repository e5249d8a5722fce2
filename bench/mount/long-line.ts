/**
 * A long line to a server on this machine, as a process of its own: `long-line.ts PORT`. Tells its own port, then answers
 * each `LineRequest` on its channel. It ends with its parent.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { DelayedFlow } from '../../test/fakes/delayed-flow.ts';
import type { LineFigures, LineRequest } from './line.ts';

/** A client sends a request only when it has the answer to the one before, so a request begins where a read begins. */
const requestLine = /^(GET|HEAD|PUT|POST|DELETE) \//;
const longestMethod = 8;

const target = Number(process.argv[2]);
const requests: Record<string, number> = {};
const bytes = { up: 0, down: 0 };
let connections = 0;
let roundTrip = 0;

const listener = createServer({ allowHalfOpen: true, noDelay: true }, accept);
listener.listen({ host: '127.0.0.1', port: 0 }, () => process.send?.((listener.address() as AddressInfo).port));
process.on('message', (request: LineRequest) => {
  if (request.roundTrip !== undefined) roundTrip = request.roundTrip;
  const figures: LineFigures = { ...bytes, connections, requests: { ...requests } };
  process.send?.(figures);
});
process.on('disconnect', () => process.exit());
// The terminal sends Ctrl-C to all; the parent needs the line until its mounts are gone.
process.on('SIGINT', () => undefined);

function accept(client: Socket): void {
  connections += 1;
  const server = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true, noDelay: true });
  const opens = performance.now() + roundTrip;
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    // Whoever has to know of a failure is told by the end of the other side.
    from.on('error', () => undefined);
    from.once('close', (hadError) => hadError && to.resetAndDestroy());
  }
  client.on('data', count);
  new DelayedFlow(client, server, {
    delay: () => Math.max(0, opens - performance.now()) + roundTrip / 2,
    deliver: (data) => {
      bytes.up += data.length;
      server.write(data);
    },
  }).begin();
  new DelayedFlow(server, client, {
    delay: () => roundTrip / 2,
    deliver: (data) => {
      bytes.down += data.length;
      client.write(data);
    },
  }).begin();
}

function count(data: Buffer): void {
  const method = requestLine.exec(data.toString('latin1', 0, longestMethod))?.[1];
  if (method !== undefined) requests[method] = (requests[method] ?? 0) + 1;
}
