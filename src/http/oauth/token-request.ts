import { ownValue } from '../../store/own-value.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import type { HttpClient } from '../http-client.ts';
import { type RetryOptions, retrying } from '../retry.ts';
import { statusError } from '../status-error.ts';
import type { GrantedToken } from './access-tokens.ts';

/** A token endpoint, and the words for its refusals. */
export interface TokenEndpoint {
  readonly http: Pick<HttpClient, 'send'>;
  /** The endpoint's URL. */
  readonly url: string;
  /** Whose it is, as people call it: `Google`. */
  readonly service: string;
  /** What to change, by the error codes of RFC 6749, section 5.2: `invalid_client`, `invalid_grant`, ... */
  readonly refusals: Readonly<Record<string, string>>;
  readonly retry?: RetryOptions | undefined;
}

/** What a token endpoint answered (RFC 6749, section 5.1). */
export interface TokenAnswer extends GrantedToken {
  /** Absent where the one that is known stays good. */
  readonly refreshToken: string | undefined;
  /** All of the answer: some services tell the account. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Asks an OAuth token endpoint with a form. Throws `Unauthenticated` for a refusal, in words that say what to change. */
export async function requestToken(
  endpoint: TokenEndpoint,
  form: Readonly<Record<string, string>>,
  { signal }: CallOptions = {},
): Promise<TokenAnswer> {
  return await retrying(() => attempt(endpoint, form, signal), { ...endpoint.retry, signal });
}

async function attempt(
  { http, url, service, refusals }: TokenEndpoint,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<TokenAnswer> {
  const { origin, pathname, search } = new URL(url);
  const asked = Date.now();
  const answer = await http.send({
    operation: 'token',
    method: 'POST',
    origin,
    path: pathname + search,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
    signal,
  });
  const fields = parseObject(await answer.body.text(longestAnswer));
  if (answer.status >= 500 || answer.status === 429 || isRedirect(answer))
    throw statusError(answer.status, answer.headers);
  if (answer.status !== 200) throw refusal(service, answer.status, fields, refusals);
  const { access_token: token, expires_in: seconds, refresh_token: refreshToken } = fields;
  if (typeof token !== 'string' || !isToken.test(token))
    throw new StoreError('Unavailable', { message: `${origin} answered no access token` });
  return {
    token,
    expires: asked + (typeof seconds === 'number' ? seconds : 3600) * 1000,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
    fields,
  };
}

const longestAnswer = 1 << 20;
/** RFC 6749, appendix A.12, without spaces, which a header ends with. */
const isToken = /^[\x21-\x7e]+$/;

/** Token endpoints send nobody elsewhere; a page for logging in to the network does. */
function isRedirect({ status }: { readonly status: number }): boolean {
  return status >= 300 && status < 400;
}

function refusal(
  service: string,
  status: number,
  fields: Readonly<Record<string, unknown>>,
  refusals: Readonly<Record<string, string>>,
): StoreError {
  const code = typeof fields['error'] === 'string' ? fields['error'] : String(status);
  const detail = typeof fields['error_description'] === 'string' ? `: ${fields['error_description']}` : '';
  const sentence = ownValue(refusals, code) ?? `${service} refused the login`;
  return new StoreError('Unauthenticated', { message: `${sentence} (${service} answered ${code}${detail})` });
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
