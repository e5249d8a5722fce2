import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Answer, type Seen, StoredKeys } from './stored-keys.ts';

/** What happens instead of what a server does: an answer, `'lost'` (it is done, and the connection breaks), or nothing special. */
export type Fault = (seen: Seen) => Answer | 'lost' | undefined;

/**
 * Enough of an S3 server in this process to be wrong in every way that real ones are not on demand. It checks no signature: real
 * servers do (`test/servers/s3-server-suite.ts`).
 */
export class ScriptedS3 implements AsyncDisposable {
  readonly keys: StoredKeys = new StoredKeys();
  readonly seen: Seen[] = [];
  /** Asked for each request, in this order; the first that answers counts. */
  readonly faults: Fault[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<ScriptedS3> {
    const fake = new ScriptedS3();
    await new Promise<void>((resolve) => void fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A fault for the first `times` requests that it answers. */
  fault(times: number, fault: Fault): void {
    let left = times;
    this.faults.push((seen) => {
      const answer = left > 0 ? fault(seen) : undefined;
      if (answer !== undefined) left--;
      return answer;
    });
  }

  /** The requests of one kind: `PUT /key`, as a regular expression over method and address. */
  requests(pattern: RegExp): Seen[] {
    return this.seen.filter(({ method, url }) => pattern.test(`${method} ${url}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #fault(seen: Seen): ReturnType<Fault> {
    for (const fault of this.faults) {
      const answer = fault(seen);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const [path = '', query = ''] = url.split('?');
    const body = await buffer(request);
    const seen = { method, url, path: decodeURIComponent(path), query: new URLSearchParams(query), headers, body };
    this.seen.push(seen);
    const fault = this.#fault(seen);
    if (fault === 'lost') {
      this.keys.answer(seen);
      response.destroy();
      return;
    }
    const answer = fault ?? this.keys.answer(seen);
    response.writeHead(answer.status, { 'content-length': Buffer.byteLength(answer.body ?? ''), ...answer.headers });
    response.end(method === 'HEAD' ? undefined : answer.body);
    if (answer.cut === true) response.destroy();
  }
}

/** An error as S3 tells it. */
export function s3Error(status: number, code: string, more: string = '', headers: Answer['headers'] = {}): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>told by ${code}</Message>${more}</Error>`;
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body };
}
