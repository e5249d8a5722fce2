import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Makes other bytes of those of a whole answer: its head and its body. */
export type Mutate = (answer: Buffer) => Buffer;

/** A gateway on loopback before a service, whose answers go through `mutate` and end their connection. */
export class MutatingGateway implements AsyncDisposable {
  mutate: Mutate = (answer) => answer;
  readonly #target: URL;
  readonly #server = createServer((incoming, outgoing) => {
    for (const side of [incoming, outgoing]) side.on('error', () => undefined);
    void this.#handOn(incoming, outgoing).catch(() => outgoing.destroy());
  });

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async start(target: string): Promise<MutatingGateway> {
    const gateway = new MutatingGateway(target);
    await new Promise<void>((resolve) => void gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #handOn(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { statusCode, statusMessage, rawHeaders, content } = await this.#ask(incoming, body);
    const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
    for (let at = 0; at < rawHeaders.length; at += 2)
      if (!/^(?:connection|keep-alive|transfer-encoding|content-length|date)$/i.test(rawHeaders[at] ?? ''))
        lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    const length = rawHeaders.findIndex((name, at) => at % 2 === 0 && /^content-length$/i.test(name));
    lines.push(`content-length: ${length < 0 ? content.length : rawHeaders[length + 1]}`, 'connection: close', '', '');
    outgoing.socket?.end(this.mutate(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), content])));
  }

  async #ask(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'rawHeaders'> & { content: Buffer }> {
    const { hostname, port } = this.#target;
    const here = Object.entries(headers)
      .filter(([name]) => name !== 'transfer-encoding' && name !== 'expect')
      // Addresses of WebDAV are those of the server.
      .map(([name, value]) => [name, typeof value === 'string' && name !== 'host' ? this.#there(value) : value]);
    const options = { hostname, port, method, path: url, agent: false, headers: Object.fromEntries(here) };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      send({ ...options, headers: { ...options.headers, 'content-length': body.length } }, resolve)
        .on('error', reject)
        .end(body);
    });
    const { statusCode, statusMessage, rawHeaders } = answer;
    return { statusCode, statusMessage, rawHeaders, content: await buffer(answer) };
  }

  #there(address: string): string {
    return address.replaceAll(this.origin, this.#target.origin);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
