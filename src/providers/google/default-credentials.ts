import { StoreError } from '../../store/errors.ts';
import type { TokenGrant } from '../../http/oauth/access-tokens.ts';

const setUp =
  'run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or name a `service_account_file`';

/** Tokens that Google's library gives out last an hour; it renews them by itself. */
const askAgain = 5 * 60_000;

/**
 * Access tokens for whoever this computer is logged in as (application-default credentials:
 * https://docs.cloud.google.com/docs/authentication/application-default-credentials): the file that the environment names, the login
 * of gcloud, the machine's own account at Google, or an identity of elsewhere. Google's library knows the ways; it is loaded
 * when it is needed, since it takes a while.
 */
export class DefaultCredentials {
  readonly #scope: string;
  #auth: Promise<DefaultAuth> | undefined;
  #last: { readonly token: string; readonly at: number } | undefined;

  /** `scope` is what the tokens are for. */
  constructor(scope: string) {
    this.#scope = scope;
  }

  readonly grant: TokenGrant = async () => {
    const last = this.#last;
    let token = await this.#token();
    // Asked again so early, the token was refused; the library would give out the same one until its end.
    if (last !== undefined && token === last.token && Date.now() - last.at < askAgain / 2) {
      this.#auth = undefined;
      token = await this.#token();
    }
    this.#last = { token, at: Date.now() };
    return { token, expires: Date.now() + askAgain };
  };

  /** The project that this computer works for, where it is known. */
  readonly project = async (): Promise<string | undefined> => {
    try {
      return await (await this.#load()).getProjectId();
    } catch {
      // Not knowing it is no failure: it is asked for where it is needed.
      return undefined;
    }
  };

  async #token(): Promise<string> {
    try {
      const token = await (await this.#load()).getAccessToken();
      if (typeof token === 'string' && token !== '') return token;
    } catch (error) {
      this.#auth = undefined;
      throw failure(error);
    }
    throw new StoreError('Unauthenticated', { message: `this computer is not logged in at Google; ${setUp}` });
  }

  #load(): Promise<DefaultAuth> {
    this.#auth ??= loadAuth(this.#scope);
    return this.#auth;
  }
}

interface DefaultAuth {
  getAccessToken(): Promise<string | null | undefined>;
  getProjectId(): Promise<string>;
}

async function loadAuth(scope: string): Promise<DefaultAuth> {
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth({ scopes: [scope] });
}

/** The library's errors hold requests and answers, with secrets in them, so only its sentence is told. */
function failure(error: unknown): StoreError {
  const sentence = error instanceof Error ? error.message : String(error);
  const { code } = error as { readonly code?: unknown };
  const isNetwork = typeof code === 'string' && /^(?:E[A-Z]+|UND_ERR_\w+)$/.test(code) && code !== 'ENOENT';
  if (isNetwork) return new StoreError('Unavailable', { message: `Google's login cannot be reached (${code})` });
  const isNoLogin = /could not load the default credentials/i.test(sentence);
  const message = isNoLogin
    ? `this computer is not logged in at Google; ${setUp}`
    : `Google refused the login of this computer (${sentence}); ${setUp}`;
  return new StoreError('Unauthenticated', { message });
}
