import { createHash, verify } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';

/** A refusal of RFC 6749, section 5.2. */
class OAuthFault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }
}

/**
 * The OAuth token endpoint: service accounts prove themselves by a signed assertion (RFC 7523,
 * https://developers.google.com/identity/protocols/oauth2/service-account), users by a refresh token.
 */
export function answerToken(accounts: Accounts, request: FakeRequest, origin: string): FakeAnswer {
  try {
    return json(200, grant(accounts, request, origin));
  } catch (error) {
    if (!(error instanceof OAuthFault)) throw error;
    return json(error.status, { error: error.code, error_description: error.message });
  }
}

function grant(accounts: Accounts, request: FakeRequest, origin: string): Record<string, unknown> {
  const form = formOf(request);
  const type = form.get('grant_type');
  if (type === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return byAssertion(accounts, form, origin);
  if (type === 'refresh_token') return byRefreshToken(accounts, form);
  if (type === 'authorization_code') return byCode(accounts, form);
  throw new OAuthFault(400, 'unsupported_grant_type', `Invalid grant_type: ${type}`);
}

function formOf({ method, headers, body }: FakeRequest): URLSearchParams {
  const [type] = (headers['content-type'] ?? '').split(';');
  if (method !== 'POST' || type?.trim() !== 'application/x-www-form-urlencoded') {
    throw new OAuthFault(400, 'invalid_request', 'The token endpoint takes a posted form.');
  }
  return new URLSearchParams(body.toString());
}

function byAssertion(accounts: Accounts, form: URLSearchParams, origin: string): Record<string, unknown> {
  const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const { alg, kid } = decode(header);
  const { iss, aud, exp, iat, scope } = decode(claims);
  const account = accounts.serviceAccounts.get(String(iss));
  if (account === undefined) throw new OAuthFault(400, 'invalid_grant', 'Invalid grant: account not found');
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${claims}`),
    account.publicKey,
    Buffer.from(signature, 'base64url'),
  );
  if (alg !== 'RS256' || !isSigned || (kid !== undefined && kid !== account.keyId)) {
    throw new OAuthFault(400, 'invalid_grant', 'Invalid JWT Signature.');
  }
  if (aud !== `${origin}/token`) throw new OAuthFault(400, 'invalid_grant', 'Invalid JWT: Failed audience check.');
  assertTimes(Number(iat), Number(exp));
  if (typeof scope !== 'string' || scope === '') {
    throw new OAuthFault(400, 'invalid_scope', 'Empty or missing scope not allowed.');
  }
  return tokenFor(accounts, account.caller, scope);
}

function assertTimes(iat: number, exp: number): void {
  const now = Date.now() / 1000;
  const isReasonable = iat <= now + 300 && exp > now && exp > iat && exp - iat <= 3600;
  if (!isReasonable) {
    const message =
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
    throw new OAuthFault(400, 'invalid_grant', message);
  }
}

function byRefreshToken(accounts: Accounts, form: URLSearchParams): Record<string, unknown> {
  const clientId = form.get('client_id');
  const isKnown = [...accounts.consents.values()].some((consent) => consent.clientId === clientId);
  if (!isKnown) throw new OAuthFault(401, 'invalid_client', 'The OAuth client was not found.');
  const consent = accounts.consents.get(form.get('refresh_token') ?? '');
  const hasSecret = [...accounts.consents.values()].some(
    (consent) => consent.clientId === clientId && consent.clientSecret === form.get('client_secret'),
  );
  if (!hasSecret) throw new OAuthFault(401, 'invalid_client', 'Unauthorized');
  if (consent === undefined || consent.clientId !== clientId) {
    throw new OAuthFault(400, 'invalid_grant', 'Token has been expired or revoked.');
  }
  return tokenFor(accounts, consent.caller, accounts.scopes.write[0] ?? '');
}

/** https://developers.google.com/identity/protocols/oauth2/native-app#exchange-authorization-code */
function byCode(accounts: Accounts, form: URLSearchParams): Record<string, unknown> {
  const code = form.get('code') ?? '';
  const pending = accounts.codes.get(code);
  accounts.codes.delete(code);
  if (pending === undefined) throw new OAuthFault(400, 'invalid_grant', 'Malformed auth code.');
  const { consent, challenge, redirect } = pending;
  if (form.get('client_id') !== consent.clientId || form.get('client_secret') !== consent.clientSecret)
    throw new OAuthFault(401, 'invalid_client', 'Unauthorized');
  if (form.get('redirect_uri') !== redirect) throw new OAuthFault(400, 'redirect_uri_mismatch', 'Bad Request');
  const verifier = form.get('code_verifier') ?? '';
  if (createHash('sha256').update(verifier).digest('base64url') !== challenge)
    throw new OAuthFault(400, 'invalid_grant', 'Invalid code verifier.');
  const token = tokenFor(accounts, consent.caller, accounts.scopes.write[0] ?? '');
  return { ...token, refresh_token: consent.refreshToken };
}

function tokenFor(
  accounts: Accounts,
  caller: Parameters<Accounts['issueToken']>[0],
  scope: string,
): Record<string, unknown> {
  return {
    access_token: accounts.issueToken(caller, scope.split(' ')),
    expires_in: accounts.lifetime,
    token_type: 'Bearer',
    scope,
  };
}

function decode(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    throw new OAuthFault(400, 'invalid_grant', 'Invalid JWT: not decodable.');
  }
}

function json(status: number, body: unknown): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
