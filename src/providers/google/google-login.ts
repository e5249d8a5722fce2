import type { HttpClient } from '../../http/http-client.ts';
import type { TokenGrant } from '../../http/oauth/access-tokens.ts';
import { refreshTokenGrant } from '../../http/oauth/authorization-code.ts';
import type { TokenEndpoint } from '../../http/oauth/token-request.ts';
import type { RetryOptions } from '../../http/retry.ts';

/** What a user's consent to an OAuth client left behind. */
export interface OAuthLogin {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** @default Google's */
  readonly tokenUrl?: string | undefined;
}

/** Access tokens for a user who has consented. */
export function userGrant(http: Pick<HttpClient, 'send'>, login: OAuthLogin, retry?: RetryOptions): TokenGrant {
  const endpoint = googleTokens(http, login.tokenUrl, retry);
  return refreshTokenGrant(endpoint, { id: login.clientId, secret: login.clientSecret }, login.refreshToken);
}

/** Google's token endpoint (https://developers.google.com/identity/protocols/oauth2). */
export function googleTokens(
  http: Pick<HttpClient, 'send'>,
  url: string = 'https://oauth2.googleapis.com/token',
  retry?: RetryOptions,
): TokenEndpoint {
  return { http, url, service: 'Google', refusals, retry };
}

const refusals: Readonly<Record<string, string>> = {
  invalid_client:
    'Google does not know this OAuth client, or its secret is wrong; check `client_id` and `client_secret`',
  invalid_grant: 'the login has expired or was revoked; get a new `refresh_token`',
  unauthorized_client: 'this OAuth client may not log in so; check its type in the Google Cloud console',
  invalid_scope: 'the login may not reach this service; check the OAuth consent screen',
};
