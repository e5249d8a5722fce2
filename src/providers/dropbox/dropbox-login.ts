import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import {
  type Authorization,
  beginAuthorization,
  finishAuthorization,
  type OAuthClient,
} from '../../http/oauth/authorization-code.ts';
import type { ProviderLogin } from '../../http/oauth/provider-login.ts';
import { StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { DropboxClient } from './dropbox-client.ts';
import { dropboxTokens } from './dropbox-options.ts';

/** What a finished login leaves behind. */
export interface DropboxLogin {
  /** Secret; it is good until the person revokes it. */
  readonly refreshToken: string;
  /** The address of the account, for people. */
  readonly account: string | undefined;
}

/** Begins a login (https://developers.dropbox.com/oauth-guide). Dropbox shows the code on its page. */
export function beginDropboxLogin(client: OAuthClient): Authorization {
  return beginAuthorization({
    url: 'https://www.dropbox.com/oauth2/authorize',
    client,
    // Without this there is no refresh token.
    parameters: { token_access_type: 'offline' },
  });
}

/** Exchanges the code for a refresh token, and asks whose it is. Throws `Unauthenticated` in words that say what to do. */
export async function finishDropboxLogin(
  http: Pick<HttpClient, 'send'>,
  client: OAuthClient,
  { begun, code }: { readonly begun: Authorization; readonly code: string },
  { endpoint = 'https://api.dropboxapi.com', signal }: CallOptions & { readonly endpoint?: string | undefined } = {},
): Promise<DropboxLogin> {
  const answer = await finishAuthorization(dropboxTokens(http, endpoint), client, begun, code, { signal });
  if (answer.refreshToken === undefined)
    throw new StoreError('Unauthenticated', { message: 'Dropbox gave no refresh token; log in again' });
  const tokens = new AccessTokens(async () => answer);
  const dropbox = new DropboxClient({ http, tokens, origins: { api: endpoint, content: endpoint, notify: endpoint } });
  const { email } = await dropbox.rpc('users/get_current_account', null, { signal });
  return { refreshToken: answer.refreshToken, account: typeof email === 'string' ? email : undefined };
}

/** `cloudfusion login dropbox`. `endpoint`: in Dropbox's place, for tests. */
export function dropboxLogin(endpoint?: string): ProviderLogin {
  const clientIn = ({ id = '', secret = '' }: Readonly<Record<string, string>>): OAuthClient => ({
    id,
    secret: secret === '' ? undefined : secret,
  });
  return {
    service: 'Dropbox',
    questions: [
      { key: 'id', text: 'App key of your app in the App Console', secret: false },
      { key: 'secret', text: 'App secret', secret: true },
    ],
    page: { redirects: false, begin: (given) => beginDropboxLogin(clientIn(given)) },
    finish: async (given, consent, { http, signal }) => {
      const login = await finishDropboxLogin(http, clientIn(given), consent as NonNullable<typeof consent>, {
        endpoint,
        signal,
      });
      const settings = { ...given, refresh_token: login.refreshToken };
      return { settings, account: login.account, expires: undefined };
    },
  };
}
