import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy for one test: `await using proxy = ...`. It tunnels and forwards, and writes down for whom. */
export interface LoopbackProxy extends AsyncDisposable {
  /** Host and port. */
  readonly address: string;
  /** The first lines of the requests to the proxy. */
  readonly asked: readonly string[];
}

/** `credentials`: `user:password` that it wants to see. */
export async function loopbackProxy(credentials?: string): Promise<LoopbackProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const isRefused = (request: IncomingMessage): boolean => {
    asked.push(`${request.method} ${request.url}`);
    return wanted !== undefined && request.headers['proxy-authorization'] !== wanted;
  };
  const server = createServer((request, response) => {
    if (isRefused(request)) response.writeHead(407).end();
    else passOn(request, response);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    if (isRefused(request)) socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    else tunnel(request.url ?? '', socket);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { 'proxy-authorization': _, ...headers } = request.headers;
  const [, host = '', port = '80', path = '/'] = /^http:\/\/([^:/]+):?(\d*)(.*)$/.exec(request.url ?? '') ?? [];
  const onward = forward({ host, port, path, method: request.method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  request.pipe(onward);
}

function tunnel(address: string, socket: Socket): void {
  const [host = '', port = '443'] = address.split(':');
  const onward = connect({ host, port: Number(port) }, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.pipe(socket).pipe(onward);
  });
  onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
}
