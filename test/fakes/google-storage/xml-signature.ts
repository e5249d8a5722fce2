import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import type { Caller } from './fake-cloud.ts';
import type { FakeRequest } from './fake-request.ts';
import { GoogleFault, invalid } from './google-fault.ts';

/** The two spellings of one algorithm: Amazon's, and Google's own, which alone may carry Google's preconditions. */
interface Dialect {
  readonly algorithm: string;
  readonly keyPrefix: string;
  readonly terminator: string;
  readonly headers: 'x-amz-' | 'x-goog-';
}

const dialects: readonly Dialect[] = [
  { algorithm: 'AWS4-HMAC-SHA256', keyPrefix: 'AWS4', terminator: 'aws4_request', headers: 'x-amz-' },
  { algorithm: 'GOOG4-HMAC-SHA256', keyPrefix: 'GOOG4', terminator: 'goog4_request', headers: 'x-goog-' },
];

const maxSkew = 15 * 60_000;

/** Who signed the request, and in which spelling its answer is written. */
export interface SignedCaller {
  readonly caller: Caller;
  readonly metadataPrefix: 'x-amz-meta-' | 'x-goog-meta-';
}

/**
 * Who signed the request with an HMAC key (https://docs.cloud.google.com/storage/docs/authentication/signatures). Throws where
 * anything does not fit: the signature, the date, the hash of the body, a header that should have been signed.
 */
export function assertSigned(accounts: Accounts, request: FakeRequest): SignedCaller {
  const { headers } = request;
  assertOneFamily(request);
  const given = parseAuthorization(headers.authorization);
  const { dialect, key, date, location, service, signedHeaders, signature } = given;
  const account = accounts.hmacKeys.get(key);
  if (account === undefined) {
    throw new GoogleFault(403, 'forbidden', 'InvalidSecurity', 'The provided security credentials are not valid.');
  }
  const time = String(headers[`${dialect.headers}date`] ?? '');
  assertTime(time, date);
  assertEverythingSigned(request, dialect, signedHeaders);
  const hash = String(headers[`${dialect.headers}content-sha256`] ?? '');
  assertBodyHash(request, hash);
  const scope = `${date}/${location}/${service}/${dialect.terminator}`;
  const canonical = canonicalRequest(request, signedHeaders, hash);
  const text = `${dialect.algorithm}\n${time}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
  const expected = hmac(derivedKey(dialect.keyPrefix + account.secret, scope), text);
  const actual = Buffer.from(signature, 'hex');
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new GoogleFault(403, 'forbidden', 'SignatureDoesNotMatch', 'Access denied.');
  }
  return { caller: account.caller, metadataPrefix: `${dialect.headers}meta-` };
}

/** Keys that were derived, for a secret and a scope; each costs four signatures. */
const derivedKeys = new Map<string, Buffer>();

function derivedKey(secret: string, scope: string): Buffer {
  const name = `${secret} ${scope}`;
  const known = derivedKeys.get(name);
  if (known !== undefined) return known;
  const key = scope.split('/').reduce((derived: Buffer, part) => hmac(derived, part), Buffer.from(secret));
  derivedKeys.set(name, key);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function assertOneFamily({ headers }: FakeRequest): void {
  const names = Object.keys(headers);
  if (names.some((name) => name.startsWith('x-amz-')) && names.some((name) => name.startsWith('x-goog-'))) {
    const message = 'Requests cannot specify both x-amz and x-goog headers.';
    throw new GoogleFault(400, 'invalid', 'ExcessHeaderValues', message);
  }
}

interface Authorization {
  readonly dialect: Dialect;
  readonly key: string;
  readonly date: string;
  readonly location: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined) {
    const message = 'Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object.';
    throw new GoogleFault(401, 'required', 'AuthenticationRequired', message);
  }
  const [, algorithm, credential = '', names = '', signature = ''] =
    /^([A-Z0-9-]+) Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/.exec(header) ?? [];
  const dialect = dialects.find((dialect) => dialect.algorithm === algorithm);
  const [key = '', date = '', location = '', service = '', terminator, ...rest] = credential.split('/');
  const isGood =
    /^\d{8}$/.test(date) &&
    location !== '' &&
    (service === 's3' || service === 'storage') &&
    terminator === dialect?.terminator &&
    rest.length === 0;
  if (dialect === undefined || !isGood) {
    throw new GoogleFault(403, 'forbidden', 'InvalidSecurity', 'The provided security credentials are not valid.');
  }
  return { dialect, key, date, location, service, signedHeaders: names.split(';'), signature };
}

function assertTime(time: string, date: string): void {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (Number.isNaN(at) || !time.startsWith(date)) throw invalid('The date header is missing or malformed');
  if (Math.abs(at - Date.now()) > maxSkew) {
    const message = "The difference between the request time and the server's time is too large.";
    throw new GoogleFault(403, 'forbidden', 'RequestTimeTooSkewed', message);
  }
}

function assertEverythingSigned({ headers }: FakeRequest, dialect: Dialect, signed: readonly string[]): void {
  const mustBe = ['host', ...Object.keys(headers).filter((name) => name.startsWith(dialect.headers))];
  const missing = mustBe.filter((name) => !signed.includes(name));
  const isSorted = signed.every((name, at) => at === 0 || (signed[at - 1] ?? '') < name);
  if (missing.length > 0 || !isSorted || signed.some((name) => headers[name] === undefined)) {
    const message = `Access denied. Headers that must be signed: ${missing.join(', ')}`;
    throw new GoogleFault(403, 'forbidden', 'SignatureDoesNotMatch', message);
  }
}

/** Trailers and signed chunks are refused: bodies come with one hash, or with none. */
function assertBodyHash({ body }: FakeRequest, hash: string): void {
  if (hash === 'UNSIGNED-PAYLOAD') return;
  if (!/^[0-9a-f]{64}$/.test(hash)) throw invalid(`Unsupported content-sha256: ${hash}`);
  if (createHash('sha256').update(body).digest('hex') !== hash) {
    throw new GoogleFault(
      400,
      'invalid',
      'BadDigest',
      'The content hash you specified did not match what we received.',
    );
  }
}

function canonicalRequest(request: FakeRequest, signedHeaders: readonly string[], hash: string): string {
  const values = signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}\n`);
  const path = request.rawPath.split('/').map(encodedOnce).join('/');
  return [request.method, path, canonicalQuery(request.rawQuery), values.join(''), signedHeaders.join(';'), hash].join(
    '\n',
  );
}

/** The service sees `accept-encoding` as its own front end has changed it, so a signature over it never fits. */
function canonicalHeader({ headers }: FakeRequest, name: string): string {
  const value = String(headers[name] ?? '')
    .trim()
    .replace(/ +/g, ' ');
  return name === 'accept-encoding' ? `${value},gzip(gfe)` : value;
}

function canonicalQuery(rawQuery: string): string {
  const pairs = rawQuery === '' ? [] : rawQuery.split('&').map((pair) => pair.split(/=(.*)/s, 2));
  return pairs
    .map(([name = '', value = '']): [string, string] => [encodedOnce(name), encodedOnce(value)])
    .sort(([a, av], [b, bv]) => (a < b ? -1 : a > b ? 1 : av < bv ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function encodedOnce(text: string): string {
  try {
    const bare = encodeURIComponent(decodeURIComponent(text));
    return bare.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    throw invalid('Bad percent-encoding');
  }
}
