import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a gateway does with a request. */
export type Conduct = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** What becomes of an answer on its way. */
export interface Passing {
  /** The connection breaks behind this part of its body. @default all of it comes */
  readonly share?: number | undefined;
  /** Makes another body of its own. */
  readonly alter?: ((body: Buffer) => Buffer) | undefined;
}

/** What a hotel's network is: an HTTP gateway on loopback before a server, which may answer whatever it likes in its stead. */
export class Gateway implements AsyncDisposable {
  /** What it does with each request. @default passes it on */
  conduct: Conduct = (incoming, outgoing) => this.pass(incoming, outgoing);
  readonly #server = createServer((incoming, outgoing) => {
    for (const side of [incoming, outgoing]) side.on('error', () => undefined);
    this.conduct(incoming, outgoing);
  });
  readonly #target: URL;
  #port = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  static async start(target: string): Promise<Gateway> {
    const gateway = new Gateway(target);
    await gateway.comeBack();
    return gateway;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Connections are refused from now on, and those that there are break. */
  async goAway(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Listens, where it did before. */
  async comeBack(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Lets the server answer. */
  pass(incoming: IncomingMessage, outgoing: ServerResponse, how: Passing = {}): void {
    const { hostname, port } = this.#target;
    const { method, url } = incoming;
    // Addresses of WebDAV, in `Destination` and `If`, are those of the server.
    const headers = Object.entries(incoming.headers).map(([name, value]) => [
      name,
      typeof value === 'string' && name !== 'host' ? value.replaceAll(this.origin, this.#target.origin) : value,
    ]);
    const onward = send(
      { hostname, port, method, path: url, headers: Object.fromEntries(headers), agent: false },
      (answer) => void this.#handOn(answer, outgoing, how).catch(() => outgoing.destroy()),
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  async #handOn(answer: IncomingMessage, outgoing: ServerResponse, { share = 1, alter }: Passing): Promise<void> {
    const { statusCode = 0, rawHeaders } = answer;
    const came = await buffer(answer);
    const body = alter?.(came) ?? came;
    if (body.length !== came.length) setHeader(rawHeaders, 'content-length', String(body.length));
    outgoing.writeHead(statusCode, rawHeaders);
    if (share === 1 || body.length === 0) outgoing.end(body);
    else outgoing.write(body.subarray(0, Math.floor(body.length * share)), () => outgoing.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.goAway();
  }
}

/** Sets one of the headers of an answer, which come as names and values in turn. */
function setHeader(rawHeaders: string[], name: string, value: string): void {
  const at = rawHeaders.findIndex((header, index) => index % 2 === 0 && header.toLowerCase() === name);
  if (at >= 0) rawHeaders[at + 1] = value;
}
