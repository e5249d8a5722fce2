import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import {
  type Authorization,
  beginAuthorization,
  finishAuthorization,
  type OAuthClient,
} from '../../http/oauth/authorization-code.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { GoogleClient } from '../google/google-client.ts';
import { googleTokens } from '../google/google-login.ts';
import { DriveCalls } from './drive-calls.ts';
import { driveMeaning } from './drive-meaning.ts';
import { driveUsage } from './drive-usage.ts';
import { driveScope } from './google-drive-options.ts';

/** What a finished login leaves behind. */
export interface DriveLogin {
  /** Secret; it is good until the person revokes it. */
  readonly refreshToken: string;
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

/**
 * Begins a login (https://developers.google.com/identity/protocols/oauth2/native-app). `redirect` is an address on loopback that listens: Google has no
 * page any more that shows a code. Without a browser on this machine, the person opens the page elsewhere and brings back
 * the address that the browser could not open; the code is in it.
 */
export function beginDriveLogin(client: OAuthClient, redirect: string): Authorization {
  return beginAuthorization({
    url: 'https://accounts.google.com/o/oauth2/v2/auth',
    client,
    redirect,
    // Only a consent that is asked for brings a refresh token each time.
    parameters: { scope: driveScope, access_type: 'offline', prompt: 'consent' },
  });
}

/** Exchanges the code for a refresh token, and asks whose it is. Throws `Unauthenticated` in words that say what to do. */
export async function finishDriveLogin(
  http: Pick<HttpClient, 'send'>,
  client: OAuthClient,
  begun: Authorization,
  code: string,
  { tokenUrl, endpoint = 'https://www.googleapis.com', signal }: GoogleAddresses & CallOptions = {},
): Promise<DriveLogin> {
  const answer = await finishAuthorization(googleTokens(http, tokenUrl), client, begun, code, { signal });
  const { refreshToken, fields } = answer;
  if (refreshToken === undefined)
    throw new StoreError('Unauthenticated', { message: 'Google gave no refresh token; log in again' });
  const granted = typeof fields['scope'] === 'string' ? fields['scope'].split(' ') : [driveScope];
  if (!granted.includes(driveScope))
    throw new StoreError('Unauthenticated', {
      message: 'the files of Drive were not ticked on the page; log in again',
    });
  const tokens = new AccessTokens(async () => answer);
  const google = new GoogleClient({ http, tokens, origin: endpoint, meaningOf: driveMeaning });
  const { account } = await driveUsage(new DriveCalls(google, undefined), { signal });
  return { refreshToken, account };
}
