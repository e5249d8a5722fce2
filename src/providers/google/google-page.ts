import type { HttpClient } from '../../http/http-client.ts';
import {
  type Authorization,
  beginAuthorization,
  finishAuthorization,
  type OAuthClient,
} from '../../http/oauth/authorization-code.ts';
import type { LoginQuestion } from '../../http/oauth/provider-login.ts';
import type { TokenAnswer } from '../../http/oauth/token-request.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { googleTokens } from './google-login.ts';

/** A consent that Google has taken. */
export interface GoogleConsent {
  /** Secret; it is good until the person revokes it, or until `expires`. */
  readonly refreshToken: string;
  readonly expires: number | undefined;
  readonly answer: TokenAnswer;
}

/** What a Google login asks for. */
export const googleQuestions: readonly LoginQuestion[] = [
  { key: 'id', text: 'Client id of your OAuth client (type "Desktop app")', secret: false },
  { key: 'secret', text: 'Client secret', secret: true },
];

/** The OAuth client that was given. */
export function googleClientOf({ id = '', secret = '' }: Readonly<Record<string, string>>): OAuthClient {
  return { id, secret };
}

/**
 * Begins a login (https://developers.google.com/identity/protocols/oauth2/native-app). `redirect` is an address on loopback that listens: Google has no
 * page any more that shows a code. Without a browser on this machine, the person opens the page elsewhere and brings back
 * the address that the browser could not open; the code is in it.
 */
export function beginGoogleLogin(client: OAuthClient, redirect: string, scope: string): Authorization {
  return beginAuthorization({
    url: 'https://accounts.google.com/o/oauth2/v2/auth',
    client,
    redirect,
    // Only a consent that is asked for brings a refresh token each time.
    parameters: { scope, access_type: 'offline', prompt: 'consent' },
  });
}

/** What a login is for, and where it is finished. */
export interface GoogleConsentOptions extends CallOptions {
  readonly scope: string;
  /** What the person did not tick, for people. */
  readonly what: string;
  /** @default Google's */
  readonly tokenUrl?: string | undefined;
}

/** Exchanges the code for a refresh token. Throws `Unauthenticated` in words that say what to do. */
export async function finishGoogleLogin(
  http: Pick<HttpClient, 'send'>,
  client: OAuthClient,
  { begun, code }: { readonly begun: Authorization; readonly code: string },
  { scope, what, tokenUrl, signal }: GoogleConsentOptions,
): Promise<GoogleConsent> {
  const answer = await finishAuthorization(googleTokens(http, tokenUrl), client, begun, code, { signal });
  const { refreshToken, fields } = answer;
  if (refreshToken === undefined)
    throw new StoreError('Unauthenticated', { message: 'Google gave no refresh token; log in again' });
  const granted = typeof fields['scope'] === 'string' ? fields['scope'].split(' ') : [scope];
  if (!granted.includes(scope))
    throw new StoreError('Unauthenticated', { message: `${what} were not ticked on the page; log in again` });
  // Told for apps that are not published: https://developers.google.com/identity/protocols/oauth2#expiration
  const seconds = fields['refresh_token_expires_in'];
  const expires = typeof seconds === 'number' && seconds > 0 ? Date.now() + seconds * 1000 : undefined;
  return { refreshToken, expires, answer };
}
