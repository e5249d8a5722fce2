import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import { refreshTokenGrant } from '../../http/oauth/authorization-code.ts';
import type { TokenEndpoint } from '../../http/oauth/token-request.ts';
import type { RetryOptions } from '../../http/retry.ts';
import { originOf, type ServiceOptions } from '../service/service-options.ts';
import { DropboxClient } from './dropbox-client.ts';
import { DropboxRoot } from './dropbox-root.ts';

/** Options of `DropboxStore`. */
export interface DropboxStoreOptions extends ServiceOptions {
  /** Key of the app, from the App Console. */
  readonly appKey: string;
  /** Absent where the login was made with PKCE alone. */
  readonly appSecret?: string | undefined;
  readonly refreshToken: string;
  /** All of the Dropbox, the team's space included, or the folder of the app. @default dropbox */
  readonly root?: 'dropbox' | 'app_folder' | undefined;
  /** Address of a service in Dropbox's place, for all of its hosts. @default https://api.dropboxapi.com and its neighbours */
  readonly endpoint?: string | undefined;
}

/** Dropbox takes one write at a time in a space, and refuses others meanwhile. */
const patience: RetryOptions = { attempts: 10, deadline: 120_000, firstDelay: 200, longestDelay: 15_000 };

/** The client that a store with these options works with. */
export function clientOf(
  options: DropboxStoreOptions,
  http: Pick<HttpClient, 'send'> & Partial<Pick<HttpClient, 'throttled'>>,
  waiting: Pick<HttpClient, 'send'>,
): DropboxClient {
  const { appKey, appSecret, refreshToken, root = 'dropbox', retry = patience } = options;
  const origin = options.endpoint === undefined ? undefined : originOf(options.endpoint);
  const endpoint = dropboxTokens(http, origin, retry);
  const tokens = new AccessTokens(refreshTokenGrant(endpoint, { id: appKey, secret: appSecret }, refreshToken));
  const origins = {
    api: origin ?? 'https://api.dropboxapi.com',
    content: origin ?? 'https://content.dropboxapi.com',
    notify: origin ?? 'https://notify.dropboxapi.com',
  };
  const client = new DropboxClient({ http, waiting, tokens, origins, retry });
  if (root === 'dropbox') client.root = new DropboxRoot(client);
  return client;
}

/** Dropbox's token endpoint (https://developers.dropbox.com/oauth-guide). */
export function dropboxTokens(
  http: Pick<HttpClient, 'send'>,
  origin: string = 'https://api.dropboxapi.com',
  retry?: RetryOptions,
): TokenEndpoint {
  return { http, url: `${origin}/oauth2/token`, service: 'Dropbox', refusals, retry };
}

const refusals: Readonly<Record<string, string>> = {
  invalid_client: 'Dropbox does not know this app, or its secret is wrong; check `id` and `secret`',
  'invalid_client_id or client_secret':
    'Dropbox does not know this app, or its secret is wrong; check `id` and `secret`',
  invalid_grant: 'the login has ended or was revoked; get a new `refresh_token`',
  unauthorized_client: 'this app may not log in so; check its settings in the App Console',
};
