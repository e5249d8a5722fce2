import { Connections } from './connections.ts';
import { ContinuedExchange } from './continued-exchange.ts';
import { HttpExchange, type ExchangeTimeouts } from './http-exchange.ts';
import type { HttpRequest, HttpResponse } from './http-request.ts';
import { RateGovernor } from './rate-governor.ts';
import { RequestAccount } from './request-account.ts';
import { requestBody } from './request-body.ts';
import { Traffic } from './traffic.ts';

/** Options of `HttpClient`. Times in milliseconds. */
export interface HttpClientOptions {
  /** Counts requests and bytes, and limits the bandwidth. @default one of its own, without limits */
  readonly traffic?: Traffic | undefined;
  /** Connections to one host. @default 256 */
  readonly connections?: number | undefined;
  /** Requests under way at once: it begins with some and finds out how many the service likes. @default at most 128 */
  readonly governor?: RateGovernor | undefined;
  /** How patient the client is with a silent server: the measure of the following three. @default 30_000 */
  readonly timeout?: number | undefined;
  /** @default `timeout`, at most 10_000 */
  readonly connectTimeout?: number | undefined;
  /** Between the request's last byte and the answer's first; also the longest time in which a server takes nothing of a body. @default twice `timeout` */
  readonly headersTimeout?: number | undefined;
  /** Between two pieces of an answer. @default `timeout` */
  readonly bodyTimeout?: number | undefined;
  /** How long an answer may lie unread and keep its connection. @default 300_000 */
  readonly unreadTimeout?: number | undefined;
  /** A PEM file of certificate authorities that are trusted beside those of Node and the system. */
  readonly caFile?: string | undefined;
  /** Environment variables: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, and `SSL_CERT_FILE` where there is no `caFile`. @default none */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Milliseconds by which the last resort comes later than what it is for. */
const slack = 2000;

/**
 * Sends requests over pools of connections, one for each host, no more at once than the service likes. It does not follow
 * redirects and does not repeat: both are the provider's decision (`retry.ts`). Each request is told on the diagnostics channel
 * `cloudfusion:http:request` as a `RequestTrace`.
 */
export class HttpClient {
  readonly traffic: Traffic;
  readonly #governor: RateGovernor;
  readonly #connections: Connections;
  readonly #timeouts: ExchangeTimeouts;

  /** Throws `Unsupported` for a `caFile` that cannot be used, and for a proxy's variable that holds no address. */
  constructor(options: HttpClientOptions = {}) {
    const { connections = 256, timeout = 30_000, caFile, variables } = options;
    const { connectTimeout = Math.min(10_000, timeout), headersTimeout = 2 * timeout } = options;
    const { bodyTimeout = timeout, unreadTimeout = 300_000 } = options;
    this.traffic = options.traffic ?? new Traffic();
    this.#governor = options.governor ?? new RateGovernor();
    this.#connections = new Connections({ connections, connectTimeout, caFile, variables });
    // The library keeps its own times to a second or so.
    const answerTimeout = connectTimeout + headersTimeout + slack;
    this.#timeouts = { answerTimeout, headersTimeout, bodyTimeout, unreadTimeout };
  }

  /**
   * One exchange. Resolves with the answer's head, whatever its status. Throws `Unavailable` when there is none (`Unauthenticated`
   * for a certificate that is not trusted), `RateLimited` while the service wants a long pause, `signal.reason` after an abort,
   * `SourceFailure` for what the body's source throws, and a `TypeError` for a request that HTTP cannot express.
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { origin, signal } = request;
    signal?.throwIfAborted();
    const body = await requestBody(request.body, signal, this.traffic.bandwidth.upload);
    const entered = this.#governor.enter(signal);
    const place = entered instanceof Promise ? await entered : entered;
    const account = new RequestAccount(request, this.traffic, this.#governor, place);
    const parts = { request, body, account, ...this.#timeouts };
    const agent = request.expectContinue === true && body !== undefined ? this.#connections.agent(origin) : undefined;
    if (agent !== undefined) return await new ContinuedExchange(parts).run(agent);
    return await new HttpExchange(parts).run(this.#connections.dispatcher(origin));
  }

  /**
   * The service complained about too many requests in the text of an answer; 429 and 503 count without this. `retryAfter`:
   * milliseconds that it wants everybody to wait.
   */
  throttled(retryAfter?: number): void {
    this.#governor.throttled(retryAfter);
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#connections.close();
  }
}
