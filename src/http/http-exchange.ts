import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { AnswerStream } from './answer-stream.ts';
import { connectionError } from './connection-error.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http-request.ts';
import type { RequestAccount } from './request-account.ts';
import { StreamedBody } from './request-body.ts';
import { ResponseBody } from './response-body.ts';
import { Timeout } from './timeout.ts';

/** Times in milliseconds. */
export interface ExchangeTimeouts {
  /** From the last that was sent, or from the beginning, to the head of the answer, with the making of a connection. Whatever the library does meanwhile: it is the last resort. */
  readonly answerTimeout: number;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
  readonly unreadTimeout: number;
}

/** What one exchange needs. */
export interface ExchangeParts extends ExchangeTimeouts {
  readonly request: HttpRequest;
  readonly body: Uint8Array | StreamedBody | undefined;
  readonly account: RequestAccount;
}

/**
 * One request and its answer over a connection of a pool. It stands directly on the pool, without the streams of the library's
 * `request`, which cost as much again as a small request does.
 */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #parts: ExchangeParts;
  readonly #head: PromiseWithResolvers<HttpResponse> = Promise.withResolvers();
  #controller: Dispatcher.DispatchController | undefined;
  #answer: AnswerStream | undefined;
  readonly #patience: Timeout = new Timeout((error) => this.#end(error));
  #isOver = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** The answer's head; rejects with what the connection, the source or the signal failed with. */
  async run(dispatcher: Dispatcher): Promise<HttpResponse> {
    const { request, body, answerTimeout, headersTimeout, bodyTimeout } = this.#parts;
    const { method, origin, path, signal } = request;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#patience.begin(answerTimeout, 'UND_ERR_HEADERS_TIMEOUT');
    try {
      dispatcher.dispatch(
        {
          origin,
          path,
          method,
          headers: headersOf(request, body),
          // The types leave out async iterables, which the documents name.
          body: (body ?? null) as Readable | Uint8Array | null,
          headersTimeout,
          bodyTimeout,
          // Without this, every HEAD closes its connection.
          reset: false,
        },
        this,
      );
    } catch (error) {
      this.#end(error);
    }
    return await this.#head.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(abandoned());
  }

  onBodySent(chunk: Uint8Array): void {
    this.#patience.again();
    this.#parts.account.sent(chunk.length);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#isOver) return;
    this.#patience.stop();
    const { account, body, unreadTimeout } = this.#parts;
    if (status >= 300 && body instanceof StreamedBody) body.refuse();
    const flow = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      cancel: () => this.#end(undefined),
    };
    this.#answer = new AnswerStream(flow, unreadTimeout);
    const joined = joinedHeaders(headers);
    account.answered(status, joined);
    this.#head.resolve({ status, headers: joined, body: new ResponseBody(this.#answer, undefined, account.pace) });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#parts.account.received(chunk.length);
    this.#answer?.push(chunk);
  }

  onResponseEnd(): void {
    this.#controller = undefined;
    this.#answer?.end();
    this.#end(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: unknown): void {
    this.#controller = undefined;
    this.#end(error);
  }

  readonly #onAbort = (): void => this.#end(this.#parts.request.signal?.reason);

  /** Once, whatever comes first: the answer's end, a failure, an abort, or a reader who leaves. */
  #end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#patience.stop();
    const { request, body, account } = this.#parts;
    request.signal?.removeEventListener('abort', this.#onAbort);
    const failure = error === undefined ? undefined : exchangeFailure(this.#parts, error);
    this.#head.reject(failure);
    this.#answer?.fail(failure);
    if (body instanceof StreamedBody) body.end();
    account.over();
    this.#controller?.abort(abandoned());
  }
}

/** What an exchange throws for what went wrong: the reason of an abort, what the source threw, or what the connection's failure means. */
export function exchangeFailure({ request, body }: ExchangeParts, error: unknown): unknown {
  if (request.signal?.aborted === true) return request.signal.reason;
  return (body instanceof StreamedBody ? body.failure : undefined) ?? connectionError(error, request.origin);
}

/** Nobody sees it: the exchange is over. */
function abandoned(): Error {
  return new Error('nobody waits for this answer any more');
}

/** As they go over the wire. */
export function headersOf(
  { headers = {} }: HttpRequest,
  body: Uint8Array | StreamedBody | undefined,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) result[name] = value;
  }
  if (body !== undefined) result['content-length'] = String(body instanceof StreamedBody ? body.size : body.length);
  return result;
}

/** A header that came more than once, as one (RFC 9110 section 5.2). */
export function joinedHeaders(headers: Record<string, string | string[] | undefined>): HttpHeaders {
  const result: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}
