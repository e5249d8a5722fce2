import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A server on loopback, for one test: `await using server = ...`. */
export interface LoopbackServer extends AsyncDisposable {
  readonly origin: string;
  /** Connections so far. */
  connections(): number;
}

/** Speaks HTTP as `answer` does. */
export async function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<LoopbackServer> {
  return await started(createServer(asked(answer)), 'http');
}

/** The same over TLS; `identity` is PEM text of key and certificate. */
export async function httpsServer(
  identity: string,
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<LoopbackServer> {
  return await started(createSecureServer({ key: identity, cert: identity }, asked(answer)), 'https');
}

/** Does with each connection what it likes; `number` counts them from 1. */
export async function rawServer(onConnection: (socket: Socket, number: number) => unknown): Promise<LoopbackServer> {
  let number = 0;
  const server = createRawServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    void (async () => await onConnection(socket, ++number))();
  });
  return await started(server, 'http');
}

function asked(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    request.on('error', () => undefined);
    void (async () => await answer(request, response))().catch((error: unknown) => response.destroy(error as Error));
  };
}

async function started(server: Server, scheme: string): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    origin: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Resolves with the bytes of a connection up to the end of a request's head. */
export async function requestHead(socket: Socket): Promise<string> {
  return await new Promise((resolve) => {
    let head = '';
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      resolve(head);
    };
    socket.on('data', onData);
  });
}
