import type { HttpClient } from '../../http/http-client.ts';
import type { RetryOptions } from '../../http/retry.ts';
import type { TokenGrant } from './access-tokens.ts';
import { requestToken } from './token-request.ts';

/** What a user's consent to an OAuth client left behind. */
export interface OAuthLogin {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** @default Google's */
  readonly tokenUrl?: string | undefined;
}

/** Access tokens for a user who has consented (RFC 6749, section 6). */
export function refreshTokenGrant(http: Pick<HttpClient, 'send'>, login: OAuthLogin, retry?: RetryOptions): TokenGrant {
  return ({ signal }) =>
    requestToken({
      http,
      url: login.tokenUrl ?? 'https://oauth2.googleapis.com/token',
      form: {
        grant_type: 'refresh_token',
        client_id: login.clientId,
        client_secret: login.clientSecret,
        refresh_token: login.refreshToken,
      },
      onInvalidGrant: 'the login has expired or was revoked; get a new `refresh_token`',
      retry,
      signal,
    });
}
