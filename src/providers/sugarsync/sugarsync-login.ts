import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import type { ProviderLogin } from '../../http/oauth/provider-login.ts';
import type { CallOptions } from '../../store/store.ts';
import { originOf } from '../service/service-options.ts';
import { SugarCalls } from './sugar-calls.ts';
import { SugarClient } from './sugar-client.ts';
import { requestRefreshToken, type SugarKeys, type SugarPerson, sugarTokenGrant } from './sugar-tokens.ts';
import { sugarAddress } from './sugarsync-options.ts';

/** What a finished login leaves behind. */
export interface SugarSyncLogin {
  /** Secret; it is good until the person revokes it. */
  readonly refreshToken: string;
  /** The address of the account, for people. */
  readonly account: string | undefined;
}

/**
 * Exchanges a person's name and password for a refresh token, and asks whose it is. The password is sent once and kept nowhere. Throws
 * `Unauthenticated` in words that say what to do.
 */
export async function logInToSugarSync(
  http: Pick<HttpClient, 'send'>,
  keys: SugarKeys,
  person: SugarPerson,
  { endpoint, signal }: CallOptions & { readonly endpoint?: string | undefined } = {},
): Promise<SugarSyncLogin> {
  const place = { http, origin: originOf(endpoint ?? sugarAddress) };
  const refreshToken = await requestRefreshToken(place, keys, person, { signal });
  const tokens = new AccessTokens(sugarTokenGrant(place, keys, refreshToken));
  const { usage } = await new SugarCalls(new SugarClient({ ...place, tokens })).freshAccount({ signal });
  return { refreshToken, account: usage.account };
}

/** `cloudfusion login sugarsync`: there is no page, the password is the proof. It goes where the setting `endpoint` says. */
export function sugarSyncLogin(): ProviderLogin {
  return {
    service: 'SugarSync',
    questions: [
      { key: 'id', text: 'Access key id from the Developer Console', secret: false },
      { key: 'secret', text: 'Private access key', secret: true },
      { key: 'application', text: 'Id of the application (/sc/...)', secret: false },
      { key: 'user', text: 'E-mail address of the account', secret: false },
      { key: 'password', text: 'Password (used once, and kept nowhere)', secret: true, exact: true },
    ],
    page: undefined,
    finish: async (given, _consent, { http, signal }) => {
      const { id = '', secret = '', application = '', user = '', password = '', endpoint } = given;
      const keys = { accessKeyId: id, privateAccessKey: secret };
      const login = await logInToSugarSync(http, keys, { user, password, application }, { endpoint, signal });
      const settings = { id, secret, refresh_token: login.refreshToken };
      return { settings, account: login.account, expires: undefined };
    },
  };
}
