import { createHash, randomBytes } from 'node:crypto';
import type { CallOptions } from '../../store/store.ts';
import type { TokenGrant } from './access-tokens.ts';
import { requestToken, type TokenAnswer, type TokenEndpoint } from './token-request.ts';

/** A program that people let into their account. */
export interface OAuthClient {
  readonly id: string;
  /** Absent for clients that cannot keep one: PKCE stands in for it. */
  readonly secret?: string | undefined;
}

/** One attempt of a person to let the program in. */
export interface Authorization {
  /** Where the person's browser goes. */
  readonly url: string;
  /** Comes back with the answer; an answer with another one belongs to somebody else's attempt (RFC 6749, section 10.12). */
  readonly state: string;
  /** Proves that who brings the code is who began (RFC 7636). Secret. */
  readonly verifier: string;
  /** Where the service sends the browser with the code; undefined where it shows the code to the person. */
  readonly redirect: string | undefined;
}

/** Options of `beginAuthorization`. */
export interface AuthorizationOptions {
  /** The service's page. */
  readonly url: string;
  readonly client: OAuthClient;
  readonly redirect?: string | undefined;
  /** Parameters of this service: scopes, kinds of access. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Begins the authorization code flow with PKCE, S256 (RFC 8252, RFC 7636). Nothing is sent. */
export function beginAuthorization({ url, client, redirect, parameters }: AuthorizationOptions): Authorization {
  const [state, verifier] = [randomText(), randomText()];
  const page = new URL(url);
  const query = {
    client_id: client.id,
    response_type: 'code',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(redirect === undefined ? {} : { redirect_uri: redirect, state }),
    ...parameters,
  };
  for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value);
  return { url: page.href, state, verifier, redirect };
}

/** Exchanges the code that the person's consent brought for tokens. Throws as `requestToken`. */
export async function finishAuthorization(
  endpoint: TokenEndpoint,
  client: OAuthClient,
  { verifier, redirect }: Authorization,
  code: string,
  options: CallOptions = {},
): Promise<TokenAnswer> {
  const form = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    ...(redirect === undefined ? {} : { redirect_uri: redirect }),
  };
  return await requestToken(endpoint, { ...form, ...fieldsOf(client) }, options);
}

/** Access tokens for a user who has consented (RFC 6749, section 6). */
export function refreshTokenGrant(endpoint: TokenEndpoint, client: OAuthClient, refreshToken: string): TokenGrant {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...fieldsOf(client) };
  return (options) => requestToken(endpoint, form, options);
}

function fieldsOf({ id, secret }: OAuthClient): Record<string, string> {
  return secret === undefined ? { client_id: id } : { client_id: id, client_secret: secret };
}

/** 43 characters of 256 random bits: the shortest verifier that RFC 7636 allows. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}
