/**
 * How a program is let into an account (https://www.sugarsync.com/dev/get-auth-token-example.html): name and password are exchanged
 * once for a refresh token, which is good until it is revoked; that one is exchanged for access tokens, good for about an hour.
 * Tokens are addresses, told in the header `Location`.
 */
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpResponse } from '../../http/http-request.ts';
import type { TokenGrant } from '../../http/oauth/access-tokens.ts';
import { type RetryOptions, retrying } from '../../http/retry.ts';
import { parseXml, textOf } from '../../http/xml.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { xmlType } from './sugar-client.ts';
import { sugarDocument, type SugarFields } from './sugar-document.ts';
import { sugarError } from './sugar-fault.ts';
import { strangeAnswer } from './sugar-resource.ts';

/** The keys of a developer, which belong to a program. */
export interface SugarKeys {
  readonly accessKeyId: string;
  readonly privateAccessKey: string;
}

/** Who asks for tokens, and where. */
export interface SugarTokenPlace {
  readonly http: Pick<HttpClient, 'send'>;
  readonly origin: string;
  readonly retry?: RetryOptions | undefined;
}

/** A person's account, and the program that is to be let into it. All of it is secret but the names. */
export interface SugarPerson {
  readonly user: string;
  readonly password: string;
  /** Id of the program, from the Developer Console: `/sc/566494/123_456`. */
  readonly application: string;
}

/** The refresh token for a person's name and password. Throws `Unauthenticated` in words that say what to check. */
export async function requestRefreshToken(
  place: SugarTokenPlace,
  keys: SugarKeys,
  { user, password, application }: SugarPerson,
  options: CallOptions,
): Promise<string> {
  const fields = { username: user, password, application, ...keys };
  const document = sugarDocument('appAuthorization', fields);
  const refusal = 'SugarSync refused the login; check user and password, the id of the application, and both keys';
  const answer = await retrying(() => ask(place, '/app-authorization', document, refusal, options), {
    ...place.retry,
    signal: options.signal,
  });
  await answer.body.discard();
  return tokenIn(answer);
}

/** Access tokens for a refresh token. */
export function sugarTokenGrant(place: SugarTokenPlace, keys: SugarKeys, refreshToken: string): TokenGrant {
  const fields: SugarFields = { ...keys, refreshToken };
  const document = sugarDocument('tokenAuthRequest', fields);
  const refusal =
    'the login has ended or was revoked, or `id` and `secret` are not those it was made with; log in again';
  return async (options) =>
    await retrying(
      async () => {
        const asked = Date.now();
        const answer = await ask(place, '/authorization', document, refusal, options);
        const root = parseXml(await answer.body.text());
        const lasts = lifetime(textOf(root, 'expiration'), answer.headers['date'] ?? '', asked);
        return { token: tokenIn(answer), expires: asked + lasts };
      },
      { ...place.retry, signal: options.signal },
    );
}

async function ask(
  { http, origin }: SugarTokenPlace,
  path: string,
  body: string,
  refusal: string,
  { signal }: CallOptions,
): Promise<HttpResponse> {
  const operation = path.slice(1);
  const answer = await http.send({ operation, method: 'POST', origin, path, headers: xmlType, body, signal });
  if (answer.status >= 200 && answer.status < 300) return answer;
  const error = await sugarError(answer);
  if (error.code === 'Unavailable' || error.code === 'RateLimited') throw error;
  throw new StoreError('Unauthenticated', { message: `${refusal} (${error.detail})`, cause: error.cause });
}

/** Milliseconds, by the service's clock, because this computer's may be wrong. */
function lifetime(expiration: string, date: string, now: number): number {
  const ends = Date.parse(expiration.trim());
  const began = Date.parse(date);
  const usual = 3_600_000;
  if (Number.isNaN(ends)) return usual;
  return Math.max(0, ends - (Number.isNaN(began) ? now : began));
}

/** An address of printable characters, as headers take them. */
function tokenIn({ headers }: HttpResponse): string {
  const token = headers['location'] ?? '';
  if (/^https?:\/\/[\x21-\x7e]+$/.test(token)) return token;
  throw strangeAnswer();
}
