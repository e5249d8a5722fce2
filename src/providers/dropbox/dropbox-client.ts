import type { HttpClient } from '../../http/http-client.ts';
import type { HttpHeaders, HttpResponse } from '../../http/http-request.ts';
import type { AccessTokens } from '../../http/oauth/access-tokens.ts';
import { type RetryOptions, retrying } from '../../http/retry.ts';
import type { CallOptions } from '../../store/store.ts';
import type { DropboxRoot } from './dropbox-root.ts';
import { dropboxError, faultOf } from './dropbox-fault.ts';
import { type DropboxMetadata, metadataIn } from './dropbox-metadata.ts';
import { headerJson } from './header-json.ts';

/** Scheme, host and port of Dropbox's hosts. */
export interface DropboxOrigins {
  /** Calls whose bodies are JSON. */
  readonly api: string;
  /** Calls whose bodies are files. */
  readonly content: string;
  /** Calls that are answered when something happens. */
  readonly notify: string;
}

/** Options of `DropboxClient`. */
export interface DropboxClientOptions {
  readonly http: Pick<HttpClient, 'send'> & Partial<Pick<HttpClient, 'throttled'>>;
  /** Sends what is answered when something happens: it must not take the place of other requests, nor end before its time. @default `http` */
  readonly waiting?: Pick<HttpClient, 'send'> | undefined;
  readonly tokens: AccessTokens;
  readonly origins: DropboxOrigins;
  readonly retry?: RetryOptions | undefined;
}

/** Sending much over a slow line takes long: attempts begin within this time, in milliseconds. */
const sendingDeadline = 15 * 60_000;

/** Sends calls of version 2 of the API, renews a token that is not accepted, and repeats what failed for the moment. */
export class DropboxClient {
  readonly #options: DropboxClientOptions;
  /** Which of the account's spaces paths begin in; undefined: where Dropbox lets them. */
  root: DropboxRoot | undefined;

  constructor(options: DropboxClientOptions) {
    this.#options = options;
  }

  /** A call with JSON both ways: `files/get_metadata`. A call without parameters has null. Repeated. */
  async rpc(operation: string, parameters: object | null, options: CallOptions): Promise<DropboxMetadata> {
    return await retrying(
      async () => {
        const rooted = await this.#rootHeaders(operation, options);
        const headers = { ...rooted, 'content-type': 'application/json' };
        return await jsonIn(
          await this.#accepted(operation, this.#options.origins.api, headers, JSON.stringify(parameters), options),
        );
      },
      { ...this.#options.retry, signal: options.signal },
    );
  }

  /** Sends bytes with a call: `files/upload`. Repeated. */
  async upload(
    operation: string,
    parameters: object,
    body: Uint8Array,
    options: CallOptions,
  ): Promise<DropboxMetadata | undefined> {
    return await retrying(
      async () => {
        const headers = { ...(await this.#contentHeaders(operation, parameters, options)), 'content-type': binary };
        const answer = await this.#accepted(operation, this.#options.origins.content, headers, body, options);
        const text = await answer.body.text();
        return text.trim() === '' || text.trim() === 'null' ? undefined : metadataIn(parsed(text));
      },
      { deadline: sendingDeadline, ...this.#options.retry, signal: options.signal },
    );
  }

  /** Asks for bytes, in one attempt; the body is unread. */
  async download(
    operation: string,
    parameters: object,
    range: string | undefined,
    options: CallOptions,
  ): Promise<HttpResponse> {
    const headers = { ...(await this.#contentHeaders(operation, parameters, options)), range };
    return await this.#accepted(operation, this.#options.origins.content, headers, undefined, options);
  }

  /** A call that is answered when something happens, in one attempt. Its host wants no token. */
  async wait(operation: string, parameters: object, { signal }: CallOptions): Promise<DropboxMetadata> {
    const { waiting, http, origins } = this.#options;
    const answer = await (waiting ?? http).send({
      operation,
      method: 'POST',
      origin: origins.notify,
      path: `/2/${operation}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
      signal,
    });
    if (answer.status >= 300) throw await dropboxError(answer);
    return await jsonIn(answer);
  }

  /** Repeats work as calls are repeated. */
  async retrying<T>({ signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    return await retrying(work, { ...this.#options.retry, signal });
  }

  async #contentHeaders(operation: string, parameters: object, options: CallOptions): Promise<HttpHeaders> {
    return { ...(await this.#rootHeaders(operation, options)), 'dropbox-api-arg': headerJson(parameters) };
  }

  async #rootHeaders(operation: string, options: CallOptions): Promise<HttpHeaders> {
    if (this.root === undefined || operation.startsWith('users/')) return {};
    const root = await this.root.header(options);
    return root === undefined ? {} : { 'dropbox-api-path-root': root };
  }

  async #accepted(
    operation: string,
    origin: string,
    headers: HttpHeaders,
    body: Uint8Array | string | undefined,
    options: CallOptions,
  ): Promise<HttpResponse> {
    const { tokens, http } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const token = await tokens.token(options);
      const answer = await http.send({
        operation,
        method: 'POST',
        origin,
        path: `/2/${operation}`,
        headers: { ...headers, authorization: `Bearer ${token}` },
        body,
        signal: options.signal,
      });
      if (answer.status < 300) return answer;
      const error = await dropboxError(answer);
      if (answer.status === 401) tokens.refused(token);
      if (answer.status === 401 && attempt === 1) continue;
      if (faultOf(error)?.has('invalid_root') === true) this.root?.forget();
      // The client knows 429 and 503 by itself.
      if (error.code === 'RateLimited' && answer.status === 409) http.throttled?.(error.retryAfter);
      throw error;
    }
  }
}

const binary = 'application/octet-stream';

async function jsonIn(answer: HttpResponse): Promise<DropboxMetadata> {
  return metadataIn(parsed(await answer.body.text()));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
