import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { HttpClient } from '../../http/http-client.ts';
import type { RetryOptions } from '../../http/retry.ts';
import { StoreError } from '../../store/errors.ts';
import type { TokenGrant } from '../../http/oauth/access-tokens.ts';
import { requestToken } from '../../http/oauth/token-request.ts';
import { googleTokens } from './google-login.ts';

const lifetimeSeconds = 3600;

/** A service account's key, as the console hands it out in a JSON file. */
export interface ServiceAccountKey {
  readonly email: string;
  readonly keyId: string | undefined;
  readonly privateKey: KeyObject;
  readonly tokenUrl: string;
  readonly project: string | undefined;
}

/** Reads a key file. Throws `Unauthenticated` for a file that cannot be read, or is none; what is in it is never told. */
export async function readServiceAccountKey(path: string): Promise<ServiceAccountKey> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    throw unusable(`the key file ${path} of \`service_account_file\` cannot be read (${reason})`);
  }
  return parseServiceAccountKey(text, path);
}

/** The key in the text of a key file; `path` is for the error. */
export function parseServiceAccountKey(text: string, path: string): ServiceAccountKey {
  const flaw = (what: string): StoreError =>
    unusable(`${path} is no key file of a service account (${what}); make one in the Google Cloud console`);
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw flaw('it is no JSON');
  }
  const told = (name: string): string | undefined => (typeof json?.[name] === 'string' ? json[name] : undefined);
  if (told('type') !== 'service_account') throw flaw(`its type is ${told('type') ?? 'missing'}`);
  const email = told('client_email');
  const pem = told('private_key');
  if (email === undefined || pem === undefined) throw flaw('client_email or private_key is missing');
  const tokenUrl = told('token_uri') ?? 'https://oauth2.googleapis.com/token';
  if (!URL.canParse(tokenUrl)) throw flaw('token_uri is no URL');
  return {
    email,
    keyId: told('private_key_id'),
    privateKey: parseKey(pem, flaw),
    tokenUrl,
    project: told('project_id'),
  };
}

function parseKey(pem: string, flaw: (what: string) => StoreError): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw flaw('private_key is damaged');
  }
}

function unusable(message: string): StoreError {
  return new StoreError('Unauthenticated', { message });
}

/**
 * Access tokens of one scope for a service account, which proves itself by a signed assertion (RFC 7523;
 * https://developers.google.com/identity/protocols/oauth2/service-account).
 */
export function serviceAccountGrant(
  http: Pick<HttpClient, 'send'>,
  key: ServiceAccountKey,
  scope: string,
  retry?: RetryOptions,
): TokenGrant {
  const endpoint = googleTokens(http, key.tokenUrl, retry);
  const invalid_grant = `Google does not accept the key of ${key.email}: it was deleted or disabled, or the clock of this computer is wrong; make a new key file`;
  const worded = { ...endpoint, refusals: { ...endpoint.refusals, invalid_grant } };
  return (options) => requestToken(worded, { grant_type: jwtBearer, assertion: assertionOf(key, scope) }, options);
}

/** RFC 7523, section 2.1. */
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

function assertionOf({ email, keyId, privateKey, tokenUrl }: ServiceAccountKey, scope: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId };
  const claims = { iss: email, scope, aud: tokenUrl, iat, exp: iat + lifetimeSeconds };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}
