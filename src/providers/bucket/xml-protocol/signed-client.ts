import type { HttpClient } from '../../../http/http-client.ts';
import type { HttpHeaders, HttpResponse } from '../../../http/http-request.ts';
import { type RetryOptions, retrying } from '../../../http/retry.ts';
import { StoreError } from '../../../store/errors.ts';
import type { CallOptions } from '../../../store/store.ts';
import type { AccessKeys, KeySource } from './access-keys.ts';
import type { BucketAddress, BucketEndpoint } from './bucket-endpoint.ts';
import { noPayload, type Payload } from './payload.ts';
import { encodeKey, encodeQuery, type Query } from './percent-encoding.ts';
import { faultError, readFault, type ServiceFault } from './service-fault.ts';
import { SignatureV4, signingTime } from './signature-v4.ts';

/** One call of the service. */
export interface SignedCall extends CallOptions {
  /** The service's own name of it: `PutObject`. */
  readonly operation: string;
  readonly method: string;
  /** @default the bucket itself */
  readonly key?: string | undefined;
  readonly query?: Query | undefined;
  readonly headers?: HttpHeaders | undefined;
  readonly payload?: Payload | undefined;
  /** How it is repeated, where not as all others. */
  readonly retry?: RetryOptions | undefined;
  /** Told before each attempt. */
  readonly onAttempt?: (() => void) | undefined;
}

/** Options of `SignedClient`. */
export interface SignedClientOptions {
  readonly http: Pick<HttpClient, 'send'>;
  readonly keys: KeySource;
  readonly endpoint: BucketEndpoint;
  readonly retry?: RetryOptions | undefined;
}

/** How often one request is sent anew because an answer told what was wrong with it: clock, region, address, keys. */
const corrections = 4;

/** A clock that is off by more than this is corrected; services allow 15 minutes. */
const tolerableSkew = 5 * 60_000;

/** Sends signed requests for one bucket, repeats what failed for the moment, and sets right what the service complains about. */
export class SignedClient {
  readonly #options: SignedClientOptions;
  readonly #signer: SignatureV4 = new SignatureV4('s3');
  #clockOffset = 0;

  constructor(options: SignedClientOptions) {
    this.#options = options;
  }

  /** The successful answer. Throws `StoreError`s with the service's own words as `cause`, and what a source throws, untouched. */
  async call(call: SignedCall): Promise<HttpResponse> {
    return await retrying(() => this.#attempt(call), { ...this.#options.retry, ...call.retry, signal: call.signal });
  }

  /** The same, read to its end within the repetition: for answers that may fail after they began well. */
  async read<T>(call: SignedCall, work: (answer: HttpResponse) => Promise<T>): Promise<T> {
    const retry = { ...this.#options.retry, ...call.retry, signal: call.signal };
    return await retrying(async () => await work(await this.#attempt(call)), retry);
  }

  /** Now, by the clock of the service. */
  now(): number {
    return Date.now() + this.#clockOffset;
  }

  async #attempt(call: SignedCall): Promise<HttpResponse> {
    call.onAttempt?.();
    let address = this.#options.endpoint.address;
    for (let corrected = 0; ; corrected++) {
      const keys = await this.#options.keys.current(call);
      const answer = await this.#send(call, address, keys);
      if (answer.status < 300) return await assertOwnAnswer(call, answer);
      const fault = await readFault(answer);
      if (isPage(call, answer) && fault.code === undefined && pageStatuses.has(fault.status)) throw strayAnswer(fault);
      const next = corrected < corrections ? this.#correct(fault, answer.headers, address, keys) : undefined;
      if (next === undefined) throw faultError(fault, answer.headers);
      address = next;
    }
  }

  async #send(call: SignedCall, address: BucketAddress, keys: AccessKeys): Promise<HttpResponse> {
    const { operation, method, key, payload = noPayload, signal } = call;
    const path = `${address.path}/${key === undefined ? '' : encodeKey(key)}`;
    const query = call.query === undefined ? '' : encodeQuery(call.query);
    const headers: Record<string, string> = {
      host: address.host,
      'x-amz-date': signingTime(this.now()),
      'x-amz-content-sha256': payload.sha256,
    };
    if (keys.sessionToken !== undefined) headers['x-amz-security-token'] = keys.sessionToken;
    for (const name in call.headers) {
      const value = call.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    const request = { method, path, query, headers, payload: payload.sha256 };
    headers['authorization'] = this.#signer.authorization(request, keys, address.region);
    return await this.#options.http.send({
      operation,
      method,
      origin: address.origin,
      path: query === '' ? path : `${path}?${query}`,
      headers,
      body: payload.content,
      signal,
    });
  }

  /** Where to send the request again, or undefined: the fault is none of ours. */
  #correct(
    fault: ServiceFault,
    headers: HttpHeaders,
    address: BucketAddress,
    keys: AccessKeys,
  ): BucketAddress | undefined {
    if (this.#correctClock(fault, headers)) return address;
    if (expiredCodes.has(fault.code ?? '')) return this.#options.keys.expired(keys) ? address : undefined;
    const elsewhere = fault.status >= 300 && fault.status < 400 && isOwnRedirect(fault, headers);
    if (!elsewhere && (fault.region === undefined || fault.region === address.region)) return undefined;
    const { status, region } = fault;
    return this.#options.endpoint.redirect({ status, region, location: headers['location'] });
  }

  /** After HEAD there is no code, so the date counts for every refusal. */
  #correctClock(fault: ServiceFault, headers: HttpHeaders): boolean {
    const refused = fault.status === 403 || (fault.status === 400 && fault.code === undefined);
    const theirs = refused ? Date.parse(headers['date'] ?? '') : NaN;
    if (Number.isNaN(theirs) || Math.abs(theirs - this.now()) < tolerableSkew) return false;
    this.#clockOffset = theirs - Date.now();
    return true;
  }
}

/** A page that is not found says nothing of a key. */
const pageStatuses: ReadonlySet<number> = new Set([404, 410]);

/**
 * Whether a page answers what is no question for one: an answer to HEAD has no body, and what is stored may be a page itself. Swift
 * calls an empty answer a page too, but it numbers its requests.
 */
function isPage({ operation }: SignedCall, { headers }: HttpResponse): boolean {
  const isNumbered = headers['x-amz-request-id'] !== undefined;
  return operation !== 'HeadObject' && !isNumbered && /\bhtml\b/i.test(headers['content-type'] ?? '');
}

/** A login page on the way answers 200 to everything; every stored version has an ETag. */
async function assertOwnAnswer(call: SignedCall, answer: HttpResponse): Promise<HttpResponse> {
  const isStored = call.operation === 'GetObject' || call.operation === 'HeadObject';
  if (isStored ? answer.headers['etag'] !== undefined : !isPage(call, answer)) return answer;
  await answer.body.discard();
  throw strayAnswer();
}

function strayAnswer(cause?: ServiceFault): StoreError {
  const message = 'something else answered in place of the service, perhaps a page for logging in to the network';
  return new StoreError('Unavailable', { message, cause });
}

/** Others send to pages for logging in. */
function isOwnRedirect({ code, region }: ServiceFault, headers: HttpHeaders): boolean {
  return code !== undefined || region !== undefined || headers['x-amz-request-id'] !== undefined;
}

const expiredCodes: ReadonlySet<string> = new Set(['ExpiredToken', 'TokenRefreshRequired', 'InvalidToken']);
