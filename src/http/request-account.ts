import { channel } from 'node:diagnostics_channel';
import type { HttpHeaders, HttpRequest } from './http-request.ts';
import type { Place, RateGovernor } from './rate-governor.ts';
import { retryAfterOf } from './status-error.ts';
import type { Pace } from './response-body.ts';
import type { Traffic } from './traffic.ts';

/** What `cloudfusion:http:request` tells of a request when it is over. It holds no secret: of the query there are only the names. */
export interface RequestTrace {
  /** The service's own name of the call. */
  readonly operation: string;
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** `undefined`: there was no answer. */
  readonly status: number | undefined;
  /** Until the answer's last byte. */
  readonly milliseconds: number;
  readonly bytes: { readonly sent: number; readonly received: number };
}

const traces = channel('cloudfusion:http:request');

/** Keeps the books of one request: the traffic, its place with the governor, the trace. */
export class RequestAccount {
  readonly #request: HttpRequest;
  readonly #traffic: Traffic;
  readonly #governor: RateGovernor;
  readonly #place: Place;
  readonly #begin: number = performance.now();
  #status: number | undefined;
  #sent = 0;
  #received = 0;
  #isOver = false;

  constructor(request: HttpRequest, traffic: Traffic, governor: RateGovernor, place: Place) {
    this.#request = request;
    this.#traffic = traffic;
    this.#governor = governor;
    this.#place = place;
    traffic.request(request.operation);
  }

  sent(bytes: number): void {
    this.#sent += bytes;
    this.#traffic.sent(this.#request.operation, bytes);
  }

  /** The head of the answer is there. The place is left, since whoever reads slowly must not stop others. */
  answered(status: number, headers: HttpHeaders): void {
    this.#status = status;
    if (status >= 400) this.#traffic.failure(this.#request.operation);
    const isThrottled = status === 429 || status === 503;
    this.#governor.leave(
      this.#place,
      isThrottled ? 'throttled' : 'success',
      isThrottled ? retryAfterOf(headers) : undefined,
    );
  }

  received(bytes: number): void {
    this.#received += bytes;
    this.#traffic.received(this.#request.operation, bytes);
  }

  /** How fast the answer may come; undefined for as fast as the line is. */
  get pace(): Pace | undefined {
    const { download } = this.#traffic.bandwidth;
    return download && ((bytes) => download.pass(bytes, this.#request.signal));
  }

  /** Nothing more comes: the answer has ended, or there is none. */
  over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#status === undefined) {
      this.#traffic.failure(this.#request.operation);
      this.#governor.leave(this.#place, 'failure');
    }
    if (traces.hasSubscribers) traces.publish(this.#trace());
  }

  #trace(): RequestTrace {
    const { operation, method, origin, path } = this.#request;
    return {
      operation,
      method,
      origin,
      path: withoutValues(path),
      status: this.#status,
      milliseconds: performance.now() - this.#begin,
      bytes: { sent: this.#sent, received: this.#received },
    };
  }
}

/** Signatures, tokens and upload addresses are values of queries, by many names. */
function withoutValues(path: string): string {
  const [place, ...query] = path.split('?');
  if (query.length === 0) return path;
  const names = query
    .join('?')
    .split('&')
    .map((pair) => pair.split('=', 1)[0]);
  return `${place}?${names.join('&')}`;
}
