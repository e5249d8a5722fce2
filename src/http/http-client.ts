import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { exactStream } from '../store/exact-stream.ts';
import type { Source } from '../store/store.ts';
import { connectionError } from './connection-error.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http-request.ts';
import { ResponseBody } from './response-body.ts';
import { SourceFailure } from './source-failure.ts';
import { Traffic } from './traffic.ts';

/** Options of `HttpClient`. Times in milliseconds. */
export interface HttpClientOptions {
  /** Counts requests and bytes. @default one of its own */
  readonly traffic?: Traffic | undefined;
  /** Connections to one host. @default 64 */
  readonly connections?: number | undefined;
  /** @default 10_000 */
  readonly connectTimeout?: number | undefined;
  /** Between the request's last byte and the answer's first. @default 60_000 */
  readonly headersTimeout?: number | undefined;
  /** Between two pieces of an answer. @default 30_000 */
  readonly bodyTimeout?: number | undefined;
}

/**
 * Sends requests over pools of connections, one for each host. It does not follow redirects and does not repeat: both are the
 * provider's decision (`retry.ts`).
 */
export class HttpClient {
  readonly traffic: Traffic;
  readonly #dispatcher: Dispatcher;

  constructor(options: HttpClientOptions = {}) {
    const { connections = 64, connectTimeout = 10_000, headersTimeout = 60_000, bodyTimeout = 30_000 } = options;
    this.traffic = options.traffic ?? new Traffic();
    this.#dispatcher = new Agent({ connections, headersTimeout, bodyTimeout, connect: { timeout: connectTimeout } });
  }

  /**
   * One exchange. Resolves with the answer's head, whatever its status. Throws `Unavailable` when there is none (`Unauthenticated`
   * for a certificate that is not trusted), `signal.reason` after an abort, and `SourceFailure` for what the body's source throws.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { operation, method, origin, path, signal } = request;
    signal?.throwIfAborted();
    const body = new RequestBody(request);
    this.traffic.request(operation);
    try {
      const answer = await this.#dispatcher.request({
        origin,
        path,
        method,
        headers: body.headers,
        // The types leave out async iterables, which the documents name.
        body: body.content as Readable | Uint8Array | null,
        signal: signal ?? null,
        // Without this, every HEAD closes its connection.
        reset: false,
      });
      if (answer.statusCode >= 400) this.traffic.failure(operation);
      return {
        status: answer.statusCode,
        headers: joined(answer.headers),
        body: new ResponseBody(answer.body, signal, (bytes) => this.traffic.received(operation, bytes)),
      };
    } catch (error) {
      this.traffic.failure(operation);
      if (signal?.aborted === true) throw signal.reason;
      if (body.failure !== undefined) throw body.failure;
      throw connectionError(error, origin);
    } finally {
      this.traffic.sent(operation, body.sent);
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

/** The body of one request: what goes over the wire, and what came of reading its source. */
class RequestBody {
  readonly headers: Record<string, string>;
  readonly content: Uint8Array | AsyncIterable<Uint8Array> | null;
  sent = 0;
  failure: SourceFailure | undefined;

  constructor({ headers = {}, body, signal }: HttpRequest) {
    this.headers = defined(headers);
    if (body === undefined) {
      this.content = null;
    } else if (typeof body === 'string' || body instanceof Uint8Array) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      this.content = bytes;
      this.sent = bytes.length;
      this.headers['content-length'] = String(bytes.length);
    } else {
      this.headers['content-length'] = String(body.size);
      this.content = body.size === 0 ? new Uint8Array(0) : this.#watch(body, signal);
    }
  }

  async *#watch(source: Source, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of exactStream(source, { signal })) {
        this.sent += chunk.length;
        yield chunk;
      }
    } catch (error) {
      this.failure = new SourceFailure(error);
      throw error;
    }
  }
}

function defined(headers: HttpHeaders): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) result[name] = value;
  return result;
}

function joined(headers: Record<string, string | string[] | undefined>): HttpHeaders {
  const result: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) result[name] = Array.isArray(value) ? value.join(', ') : value;
  return result;
}
