import { request as forward } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { testIdentity } from './test-identity.ts';

/** Lets a program that knows one host only talk to a server on loopback: `await using standIn = ...`. */
export interface HostStandIn extends AsyncDisposable {
  /** What the program's environment needs: a proxy, and the authority to trust. Whatever host it asks for, it gets the server. */
  readonly environment: Readonly<Record<string, string>>;
  /** The hosts that were asked for. */
  readonly asked: ReadonlySet<string>;
}

/** Stands in for `host`, which may begin with `*.`, over TLS, with what `origin` answers; with a certificate of another time, where it is `expired`. */
export async function standInFor(
  host: string,
  origin: string,
  { expired = false }: { readonly expired?: boolean } = {},
): Promise<HostStandIn> {
  const identity = testIdentity(`DNS:${host}`, expired);
  const { hostname, port } = new URL(origin);
  const secure = createSecureServer({ key: identity.pem, cert: identity.pem }, (request, response) => {
    const { method, url: path, headers } = request;
    const onward = forward({ hostname, port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const asked = new Set<string>();
  const sockets = new Set<Socket>();
  const proxy = createServer((_request, response) => void response.writeHead(403).end());
  proxy.on('connect', (request, socket: Socket) => {
    asked.add(request.url ?? '');
    const onward = connect((secure.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const side of [socket, onward]) {
      sockets.add(side);
      side.on('error', () => undefined).on('close', () => sockets.delete(side));
    }
  });
  for (const server of [secure, proxy])
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    environment: {
      HTTPS_PROXY: address,
      https_proxy: address,
      NO_PROXY: '',
      no_proxy: '',
      SSL_CERT_FILE: identity.certificateFile,
    },
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      for (const server of [proxy, secure]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      identity[Symbol.dispose]();
    },
  };
}
