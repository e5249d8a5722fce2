import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Caller } from './fake-cloud.ts';
import { GoogleFault } from './google-fault.ts';

/** A service account, with the public half of its key. */
export interface ServiceAccount {
  readonly caller: Caller;
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

/** A user's consent to an OAuth client. */
export interface Consent {
  readonly caller: Caller;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

interface AccessToken {
  readonly caller: Caller;
  readonly scopes: readonly string[];
  readonly expires: number;
}

/** Which scopes let a caller in; a service of Google has its own. */
export type ServiceScopes = Readonly<Record<'read' | 'write', readonly string[]>>;

const cloudScopes = ['read_write', 'full_control']
  .map((reach) => `https://www.googleapis.com/auth/devstorage.${reach}`)
  .concat('https://www.googleapis.com/auth/cloud-platform');

const storageScopes: ServiceScopes = {
  read: [...cloudScopes, 'https://www.googleapis.com/auth/devstorage.read_only'],
  write: cloudScopes,
};

/** A consent that a browser brought home as a code, which is good once. */
export interface PendingCode {
  readonly consent: Consent;
  /** PKCE, S256. */
  readonly challenge: string;
  readonly redirect: string;
}

/** One pair for all fakes of a process: making one takes a while. */
let pair: { publicKey: KeyObject; privateKey: KeyObject } | undefined;

/** Who may call, and by what they prove it. */
export class Accounts {
  readonly serviceAccounts: Map<string, ServiceAccount> = new Map();
  readonly consents: Map<string, Consent> = new Map();
  readonly hmacKeys: Map<string, { readonly secret: string; readonly caller: Caller }> = new Map();
  readonly codes: Map<string, PendingCode> = new Map();
  readonly scopes: ServiceScopes;
  readonly #tokens = new Map<string, AccessToken>();
  /** Seconds that new access tokens are good for. */
  lifetime: number = 3600;
  /** How many access tokens were given out. */
  issued: number = 0;

  constructor(scopes: ServiceScopes = storageScopes) {
    this.scopes = scopes;
  }

  /** Makes a service account and answers its key file, as the console hands it out. */
  makeServiceAccount(caller: Caller, origin: string): Record<string, string> {
    pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyId = randomBytes(20).toString('hex');
    this.serviceAccounts.set(caller.email, { caller, keyId, publicKey: pair.publicKey });
    return {
      type: 'service_account',
      project_id: caller.project,
      private_key_id: keyId,
      private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      client_email: caller.email,
      client_id: '100000000000000000001',
      auth_uri: `${origin}/o/oauth2/auth`,
      token_uri: `${origin}/token`,
      universe_domain: 'googleapis.com',
    };
  }

  /** Has a user consent to a new OAuth client. */
  makeConsent(caller: Caller): Consent {
    const consent = {
      caller,
      clientId: `${randomBytes(6).toString('hex')}.apps.googleusercontent.com`,
      clientSecret: `GOCSPX-${randomBytes(12).toString('hex')}`,
      refreshToken: `1//${randomBytes(20).toString('hex')}`,
    };
    this.consents.set(consent.refreshToken, consent);
    return consent;
  }

  /** Makes an HMAC key, as the page "Interoperability" of the console does. */
  makeHmacKey(caller: Caller): { readonly id: string; readonly secret: string } {
    const id = `GOOG1E${randomBytes(28).toString('hex').toUpperCase().slice(0, 55)}`;
    const secret = randomBytes(30).toString('base64');
    this.hmacKeys.set(id, { secret, caller });
    return { id, secret };
  }

  issueToken(caller: Caller, scopes: readonly string[]): string {
    this.issued++;
    const token = `ya29.${randomBytes(24).toString('hex')}`;
    this.#tokens.set(token, { caller, scopes, expires: Date.now() + this.lifetime * 1000 });
    return token;
  }

  /** Every access token that was given out is refused from now on. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** Who sends this Authorization header. Throws 401, and 403 where the token's scopes do not reach so far. */
  bearer(authorization: string | undefined, need: 'read' | 'write'): Caller {
    if (authorization === undefined) throw loginRequired();
    const [, text] = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/.exec(authorization) ?? [];
    const token = text === undefined ? undefined : this.#tokens.get(text);
    if (token === undefined || token.expires <= Date.now()) throw badCredentials();
    if (!token.scopes.some((scope) => this.scopes[need].includes(scope))) {
      throw new GoogleFault(403, 'insufficientPermissions', 'AccessDenied', 'Insufficient Permission');
    }
    return token.caller;
  }
}

function loginRequired(): GoogleFault {
  const message = 'Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object.';
  return new GoogleFault(401, 'required', 'AuthenticationRequired', message, { location: 'Authorization' });
}

function badCredentials(): GoogleFault {
  return new GoogleFault(401, 'authError', 'InvalidSecurity', 'Invalid Credentials', { location: 'Authorization' });
}
