import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import type { Authorization, OAuthClient } from '../../http/oauth/authorization-code.ts';
import type { ProviderLogin } from '../../http/oauth/provider-login.ts';
import type { CallOptions } from '../../store/store.ts';
import { GoogleClient } from '../google/google-client.ts';
import { beginGoogleLogin, finishGoogleLogin, googleClientOf, googleQuestions } from '../google/google-page.ts';
import { driveMeaning } from './drive-meaning.ts';
import { driveUsage } from './drive-usage.ts';
import { driveScope } from './google-drive-options.ts';

/** What a finished login leaves behind. */
export interface DriveLogin {
  /** Secret; it is good until the person revokes it, or until `expires`. */
  readonly refreshToken: string;
  /** When it ends by itself, in milliseconds since the epoch: after a week, for an OAuth app that is not published. */
  readonly expires: number | undefined;
  /** The address of the account, for people. */
  readonly account: string | undefined;
}

/** Where Google answers, for tests. */
export interface GoogleAddresses {
  /** @default https://oauth2.googleapis.com/token */
  readonly tokenUrl?: string | undefined;
  /** @default https://www.googleapis.com */
  readonly endpoint?: string | undefined;
}

/** Begins a login to all files of a Drive; see `beginGoogleLogin`. `redirect` is an address on loopback that listens. */
export function beginDriveLogin(client: OAuthClient, redirect: string): Authorization {
  return beginGoogleLogin(client, redirect, driveScope);
}

/** Exchanges the code for a refresh token, and asks whose it is. Throws `Unauthenticated` in words that say what to do. */
export async function finishDriveLogin(
  http: Pick<HttpClient, 'send'>,
  client: OAuthClient,
  begun: Authorization,
  code: string,
  { tokenUrl, endpoint = 'https://www.googleapis.com', signal }: GoogleAddresses & CallOptions = {},
): Promise<DriveLogin> {
  const asked = { scope: driveScope, what: 'the files of Drive', tokenUrl, signal };
  const { refreshToken, expires, answer } = await finishGoogleLogin(http, client, { begun, code }, asked);
  const tokens = new AccessTokens(async () => answer);
  const google = new GoogleClient({ http, tokens, origin: endpoint, meaningOf: driveMeaning });
  const { account } = await driveUsage({ client: google, driveId: undefined }, { signal });
  return { refreshToken, expires, account };
}

/** `cloudfusion login gdrive`. */
export function driveLogin(addresses: GoogleAddresses = {}): ProviderLogin {
  return {
    service: 'Google',
    questions: googleQuestions,
    page: {
      redirects: true,
      begin: (given, redirect = '') => beginDriveLogin(googleClientOf(given), redirect),
    },
    finish: async (given, consent, { http, signal }) => {
      const { begun, code } = consent as NonNullable<typeof consent>;
      const client = googleClientOf(given);
      const finished = await finishDriveLogin(http, client, begun, code, { ...addresses, signal });
      const { refreshToken, account, expires } = finished;
      const { id = '', secret = '' } = given;
      return { settings: { id, secret, refresh_token: refreshToken }, account, expires };
    },
  };
}
