import type { HttpClient } from '../../http/http-client.ts';
import { type RetryOptions, retrying } from '../../http/retry.ts';
import { statusError } from '../../http/status-error.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import type { GrantedToken } from './access-tokens.ts';

/** What a token endpoint is asked with. */
export interface TokenRequest extends CallOptions {
  readonly http: Pick<HttpClient, 'send'>;
  /** The endpoint's URL. */
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  /** What to change when the endpoint says `invalid_grant`. */
  readonly onInvalidGrant: string;
  readonly retry?: RetryOptions | undefined;
}

/** Asks an OAuth token endpoint (RFC 6749, section 5). Throws `Unauthenticated` for a refusal, in words that say what to change. */
export async function requestToken(request: TokenRequest): Promise<GrantedToken> {
  return await retrying(() => attempt(request), { ...request.retry, signal: request.signal });
}

async function attempt({ http, url, form, signal, onInvalidGrant }: TokenRequest): Promise<GrantedToken> {
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
  const text = await answer.body.text();
  const json = parseObject(text);
  if (answer.status >= 500 || answer.status === 429) throw statusError(answer.status, answer.headers);
  if (answer.status !== 200) throw refusal(answer.status, json, onInvalidGrant);
  const { access_token: token, expires_in: seconds } = json;
  if (typeof token !== 'string') {
    throw new StoreError('Unavailable', { message: `${origin} answered no access token` });
  }
  return { token, expires: asked + (typeof seconds === 'number' ? seconds : 3600) * 1000 };
}

function refusal(status: number, json: Record<string, unknown>, onInvalidGrant: string): StoreError {
  const code = typeof json['error'] === 'string' ? json['error'] : String(status);
  const detail = typeof json['error_description'] === 'string' ? `: ${json['error_description']}` : '';
  const sentence = code === 'invalid_grant' ? onInvalidGrant : (sentences[code] ?? 'Google refused the login');
  return new StoreError('Unauthenticated', { message: `${sentence} (Google answered ${code}${detail})` });
}

const sentences: Readonly<Record<string, string>> = {
  invalid_client:
    'Google does not know this OAuth client, or its secret is wrong; check `client_id` and `client_secret`',
  unauthorized_client: 'this OAuth client may not log in so; check its type in the Google Cloud console',
  invalid_scope: 'the login may not reach Cloud Storage; check the OAuth consent screen',
};

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
