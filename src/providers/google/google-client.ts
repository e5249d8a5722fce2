import type { HttpClient } from '../../http/http-client.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from '../../http/http-request.ts';
import { type RetryOptions, retrying } from '../../http/retry.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import type { AccessTokens } from '../../http/oauth/access-tokens.ts';
import { faultOf, googleError, type GoogleFault, type MeaningOf } from './google-error.ts';

/** One call of the JSON API. */
export interface GoogleCall extends CallOptions {
  /** Google's own name of it: `objects.insert`. */
  readonly operation: string;
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query?: GoogleQuery | undefined;
  readonly headers?: HttpHeaders | undefined;
  readonly body?: HttpRequest['body'];
  /** Statuses that are answers, beside those below 300. */
  readonly accept?: readonly number[] | undefined;
}

/** Parameters; those that are undefined are left out. */
export type GoogleQuery = Readonly<Record<string, string | number | undefined>>;

/** Options of `GoogleClient`. */
export interface GoogleClientOptions {
  readonly http: Pick<HttpClient, 'send'> & Partial<Pick<HttpClient, 'throttled'>>;
  readonly tokens: AccessTokens;
  /** Scheme, host and port. */
  readonly origin: string;
  /** What the service means by its refusals. */
  readonly meaningOf: MeaningOf;
  readonly retry?: RetryOptions | undefined;
}

/** Sends calls with an access token, renews a token that is not accepted, and repeats what failed for the moment. */
export class GoogleClient {
  readonly origin: string;
  readonly #options: GoogleClientOptions;

  constructor(options: GoogleClientOptions) {
    this.origin = options.origin;
    this.#options = options;
  }

  /** The successful answer, its body unread. Throws `StoreError`s with Google's answer as their cause. */
  async call(call: GoogleCall): Promise<HttpResponse> {
    return await this.retrying(call, () => this.once(call));
  }

  /** The JSON of the successful answer. */
  async json<T>(call: GoogleCall): Promise<T> {
    return await this.retrying(call, async () => await jsonIn<T>(await this.once(call)));
  }

  /** For calls whose answer says nothing but that they are done. */
  async done(call: GoogleCall): Promise<void> {
    await (await this.call(call)).body.discard();
  }

  /** Repeats `work` as calls are repeated, or as `retry` says. */
  async retrying<T>(
    { signal }: CallOptions,
    work: (attempt: number) => Promise<T>,
    retry: Pick<RetryOptions, 'deadline' | 'mayRepeat'> = {},
  ): Promise<T> {
    return await retrying(work, { ...this.#options.retry, ...retry, signal });
  }

  /** One attempt; a token that is refused is replaced once. */
  async once(call: GoogleCall): Promise<HttpResponse> {
    const token = await this.#options.tokens.token(call);
    const answer = await this.#send(call, token);
    if (answer.status !== 401) return await this.#accepted(call, answer);
    await answer.body.discard();
    this.#options.tokens.refused(token);
    return await this.#accepted(call, await this.#send(call, await this.#options.tokens.token(call)));
  }

  async #accepted({ accept = [] }: GoogleCall, answer: HttpResponse): Promise<HttpResponse> {
    if (answer.status < 300 || accept.includes(answer.status)) return answer;
    const error = await googleError(answer, this.#options.meaningOf);
    if (isPage(answer, faultOf(error))) throw strayAnswer();
    // The client knows 429 and 503 by itself.
    if (error.code === 'RateLimited' && answer.status === 403) this.#options.http.throttled?.(error.retryAfter);
    throw error;
  }

  async #send(call: GoogleCall, token: string): Promise<HttpResponse> {
    const { operation, method, path, query, headers, body, signal } = call;
    return await this.#options.http.send({
      operation,
      method,
      origin: this.origin,
      path: path + encodeGoogleQuery(query),
      headers: { ...headers, authorization: `Bearer ${token}` },
      body,
      signal,
    });
  }
}

/** A page that is not found says nothing of a file. Google tells of a missing one in JSON, or in a sentence that it calls HTML. */
function isPage({ status, headers }: HttpResponse, fault: GoogleFault | undefined): boolean {
  const isMissing = status === 404 || status === 410;
  const isTold = fault?.reason !== undefined || fault?.detail !== '';
  return isMissing && !isTold && /\bhtml\b/i.test(headers['content-type'] ?? '');
}

/** The JSON of an answer. Throws `Unavailable` for what is no object, as a proxy may answer. */
export async function jsonIn<T>(answer: HttpResponse): Promise<T> {
  const text = await answer.body.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw strayAnswer();
  }
  if (typeof value !== 'object' || value === null) throw strayAnswer();
  return value as T;
}

/** For what Google does not answer: a page for logging in to the network, for example. */
export function strayAnswer(): StoreError {
  return new StoreError('Unavailable', { message: 'Google, or something on the way to it, answered something else' });
}

/** Sending much over a slow line takes long: attempts begin within this time, in milliseconds. */
export const sendingDeadline: number = 15 * 60_000;

/** `?a=1&b=2`, or nothing. */
export function encodeGoogleQuery(query: GoogleQuery = {}): string {
  const parameters = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`;
}

/** A name as it stands in a path: the whole of it is one segment, its slashes encoded. */
export function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
