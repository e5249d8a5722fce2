import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { request as encryptedRequest } from 'node:https';
import { AnswerStream } from './answer-stream.ts';
import { type ExchangeParts, exchangeFailure, headersOf, joinedHeaders } from './http-exchange.ts';
import type { HttpResponse } from './http-request.ts';
import { StreamedBody } from './request-body.ts';
import { nodeHttp } from './node-http.ts';
import { ResponseBody } from './response-body.ts';
import { Timeout } from './timeout.ts';

/** How long a server may think before the body goes out anyway (RFC 9110 section 10.1.1). */
const longestThought = 1000;

/**
 * One request whose body is sent only after the server has agreed to take it, and its answer. undici knows this for HTTP/2 only,
 * so it goes over Node's own client.
 */
export class ContinuedExchange {
  readonly #parts: ExchangeParts;
  readonly #head: PromiseWithResolvers<HttpResponse> = Promise.withResolvers();
  readonly #agreement: PromiseWithResolvers<boolean> = Promise.withResolvers();
  readonly #silence: Timeout;
  #request: ClientRequest | undefined;
  #answer: AnswerStream | undefined;
  #isOver = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#silence = new Timeout((error) => this.#end(error));
  }

  /** The answer's head; rejects with what the connection, the source or the signal failed with. */
  async run(agent: Agent): Promise<HttpResponse> {
    this.#parts.request.signal?.addEventListener('abort', this.#onAbort, { once: true });
    try {
      this.#begin(agent);
      this.#send().catch((error: unknown) => this.#end(error));
    } catch (error) {
      this.#end(error);
    }
    return await this.#head.promise;
  }

  #begin(agent: Agent): void {
    const { request, body } = this.#parts;
    const { hostname, port, protocol } = new URL(request.origin);
    const send = protocol === 'https:' ? encryptedRequest : nodeHttp.request;
    this.#request = send({
      agent,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      method: request.method,
      path: request.path,
      headers: { ...headersOf(request, body), expect: '100-continue' },
    });
    this.#request
      .on('continue', () => this.#agreement.resolve(true))
      .on('response', (answer) => this.#answered(answer))
      .on('error', (error) => this.#end(error));
    this.#request.flushHeaders();
  }

  async #send(): Promise<void> {
    const { body, account, answerTimeout, headersTimeout } = this.#parts;
    const request = this.#request as ClientRequest;
    this.#silence.begin(answerTimeout, 'UND_ERR_HEADERS_TIMEOUT');
    await this.#connected(request);
    this.#silence.stop();
    const impatience = setTimeout(() => this.#agreement.resolve(true), Math.min(longestThought, headersTimeout));
    const isWanted = await this.#agreement.promise;
    clearTimeout(impatience);
    if (!isWanted || body === undefined) return;
    for await (const slice of body instanceof StreamedBody ? body : [body]) {
      if (this.#isOver) return;
      account.sent(slice.length);
      if (request.write(slice)) continue;
      this.#silence.begin(headersTimeout, 'UND_ERR_HEADERS_TIMEOUT');
      await this.#drained(request);
    }
    if (this.#isOver) return;
    if (this.#answer === undefined) this.#silence.begin(headersTimeout, 'UND_ERR_HEADERS_TIMEOUT');
    request.end();
  }

  async #connected(request: ClientRequest): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (request.socket !== null) return;
    request.once('socket', () => resolve()).once('close', resolve);
    await promise;
  }

  async #drained(request: ClientRequest): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    request.once('drain', resolve).once('close', resolve);
    await promise;
    request.off('drain', resolve).off('close', resolve);
    if (this.#answer === undefined) this.#silence.stop();
  }

  #answered(message: IncomingMessage): void {
    if (this.#isOver) return;
    const { account, bodyTimeout, unreadTimeout } = this.#parts;
    const status = message.statusCode ?? 0;
    // What is not sent yet is not wanted any more; nothing else can be said on this connection.
    const isRefused = status >= 300 && this.#request?.writableEnded === false;
    if (isRefused) this.#refuse();
    this.#silence.begin(bodyTimeout, 'UND_ERR_BODY_TIMEOUT');
    const flow = {
      pause: () => {
        this.#silence.stop();
        message.pause();
      },
      resume: () => {
        this.#silence.begin(bodyTimeout, 'UND_ERR_BODY_TIMEOUT');
        message.resume();
      },
      cancel: () => this.#end(undefined),
    };
    const answer = new AnswerStream(flow, unreadTimeout);
    this.#answer = answer;
    message
      .on('data', (chunk: Buffer) => {
        this.#silence.again();
        account.received(chunk.length);
        answer.push(chunk);
      })
      .on('end', () => this.#finished(isRefused))
      .on('error', (error) => this.#end(error));
    const headers = joinedHeaders(message.headersDistinct);
    account.answered(status, headers);
    this.#head.resolve({ status, headers, body: new ResponseBody(answer, undefined, this.#parts.account.pace) });
  }

  #refuse(): void {
    const { body } = this.#parts;
    this.#agreement.resolve(false);
    if (body instanceof StreamedBody) body.refuse();
  }

  #finished(isRefused: boolean): void {
    this.#answer?.end();
    if (isRefused) this.#request?.destroy();
    this.#request = undefined;
    this.#end(undefined);
  }

  readonly #onAbort = (): void => this.#end(this.#parts.request.signal?.reason);

  #end(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { request, body, account } = this.#parts;
    this.#silence.stop();
    request.signal?.removeEventListener('abort', this.#onAbort);
    const failure = error === undefined ? undefined : exchangeFailure(this.#parts, error);
    this.#agreement.resolve(false);
    this.#head.reject(failure);
    this.#answer?.fail(failure);
    if (body instanceof StreamedBody) body.end();
    account.over();
    this.#request?.destroy();
  }
}
