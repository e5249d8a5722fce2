import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError } from '../command-error.ts';
import { codeIn } from './code-in.ts';

/**
 * Waits on loopback for the browser that the service sends back (RFC 8252, section 7.3): for one answer, with the `state` that was sent
 * along. Whatever else asks is told nothing.
 */
export class RedirectListener implements AsyncDisposable {
  readonly #server: Server;
  readonly #answer: PromiseWithResolvers<string> = Promise.withResolvers();
  #state: string | undefined;

  private constructor() {
    this.#server = createServer((request, response) => this.#receive(request, response));
    this.#answer.promise.catch(() => undefined);
  }

  /** Listens on 127.0.0.1; `port` 0 is any. Throws `CommandError` where it is in use. */
  static async open(port: number): Promise<RedirectListener> {
    const listener = new RedirectListener();
    listener.#server.listen(port, '127.0.0.1');
    try {
      await once(listener.#server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${code})`;
      throw new CommandError('failed', `port ${port} ${why}: choose another one with --port`);
    }
    return listener;
  }

  /** Where the service sends the browser. */
  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The code that comes with this state. Throws `CommandError` when the person did not consent. */
  code(state: string): Promise<string> {
    this.#state = state;
    return this.#answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #receive({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    const query = new URL(url, this.address).searchParams;
    const isAnswer =
      method === 'GET' && (query.has('code') || query.has('error')) && query.get('state') === this.#state;
    if (!isAnswer) return void response.writeHead(404, plain).end('Nothing is here.\n');
    try {
      this.#answer.resolve(codeIn(query));
      response.writeHead(200, plain).end('CloudFusion has its answer. You can close this page.\n');
    } catch (error) {
      this.#answer.reject(error);
      response.writeHead(200, plain).end('CloudFusion was not let in. You can close this page.\n');
    }
  }
}

const plain = {
  'content-type': 'text/plain; charset=utf-8',
  connection: 'close',
  'cache-control': 'no-store',
} as const;
