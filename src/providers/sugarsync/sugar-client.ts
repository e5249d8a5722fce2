import type { HttpClient } from '../../http/http-client.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from '../../http/http-request.ts';
import type { AccessTokens } from '../../http/oauth/access-tokens.ts';
import { type RetryOptions, retrying } from '../../http/retry.ts';
import { parseXml, type XmlElement } from '../../http/xml.ts';
import type { CallOptions } from '../../store/store.ts';
import { sugarError } from './sugar-fault.ts';

/** Options of `SugarClient`. */
export interface SugarClientOptions {
  readonly http: Pick<HttpClient, 'send'>;
  readonly tokens: AccessTokens;
  /** Scheme, host and port of the service. */
  readonly origin: string;
  readonly retry?: RetryOptions | undefined;
}

/** One request of the Platform API. */
export type SugarRequest = Pick<HttpRequest, 'operation' | 'method' | 'path' | 'body'> & {
  readonly headers?: HttpHeaders | undefined;
};

/** What came of a request that has something done. */
export interface SugarOutcome {
  /** The address of what was made, where it is told. */
  readonly location: string | undefined;
  /** It was the service that answered. A 200 that is empty, or with a page for logging in, may be anybody's. */
  readonly isSure: boolean;
}

/** The type of every document that is sent. */
export const xmlType: HttpHeaders = { 'content-type': 'application/xml; charset=UTF-8' };

/** Sends requests of the Platform API, and renews a token that is not accepted. */
export class SugarClient {
  readonly origin: string;
  readonly #options: SugarClientOptions;

  constructor(options: SugarClientOptions) {
    this.#options = options;
    this.origin = options.origin;
  }

  /** Asks for a document. Repeated. */
  async document(operation: string, path: string, options: CallOptions): Promise<XmlElement> {
    return await this.retrying(options, async () => {
      const answer = await this.accepted({ operation, method: 'GET', path }, options);
      return parseXml(await answer.body.text());
    });
  }

  /** Has something done, in one attempt. */
  async done(request: SugarRequest, options: CallOptions): Promise<SugarOutcome> {
    const { status, headers, body } = await this.accepted(request, options);
    const text = (await body.text()).trim();
    const location = headers['location'];
    return {
      location: location === undefined || location === '' ? undefined : location,
      isSure: status === 201 || status === 204 || isDocument(text),
    };
  }

  /** One request, and another one with a new token where it is needed. Answers a success, unread; throws what else it is. */
  async accepted(request: SugarRequest, options: CallOptions): Promise<HttpResponse> {
    const { tokens, http, origin } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const token = await tokens.token(options);
      const headers = { ...request.headers, authorization: token };
      const answer = await http.send({ ...request, origin, headers, signal: options.signal });
      if (answer.status >= 200 && answer.status < 300) return answer;
      const error = await sugarError(answer);
      if (answer.status === 401) tokens.refused(token);
      if (answer.status !== 401 || attempt > 1) throw error;
    }
  }

  /** Repeats work as requests are repeated, but for what `options` say. */
  async retrying<T>(
    { signal }: CallOptions,
    work: (attempt: number) => Promise<T>,
    options: RetryOptions = {},
  ): Promise<T> {
    return await retrying(work, { ...this.#options.retry, ...options, signal });
  }
}

function isDocument(text: string): boolean {
  try {
    return parseXml(text).name !== '';
  } catch {
    return false;
  }
}
