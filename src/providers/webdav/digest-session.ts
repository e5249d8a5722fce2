import { createHash, randomBytes } from 'node:crypto';
import type { AuthChallenge } from './auth-challenge.ts';

/** Who logs in. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The hash functions of RFC 7616 section 6.1 as Node names them, the strongest first. */
const hashes: Readonly<Record<string, string>> = {
  'SHA-512-256': 'sha512-256',
  'SHA-256': 'sha256',
  MD5: 'md5',
};

/** How good a challenge of Digest is, 0 the best; undefined for one that cannot be answered. */
export function digestRank({ scheme, parameters }: AuthChallenge): number | undefined {
  const { nonce, qop } = parameters;
  const rank = Object.keys(hashes).indexOf(hashNameOf(parameters));
  const isPossible = scheme === 'digest' && nonce !== undefined && rank >= 0;
  return isPossible && (qop === undefined || offersAuth(qop)) ? rank : undefined;
}

/**
 * Answers to one challenge of Digest (RFC 7616): its nonce is used again and again, counted, so that only the first request is
 * asked for it. The password is never sent.
 */
export class DigestSession {
  readonly #challenge: AuthChallenge['parameters'];
  readonly #credentials: Credentials;
  readonly #clientNonce: string;
  readonly #secret: string;
  #nonce: string;
  #count = 0;

  /** `clientNonce` is random but for tests. */
  constructor(
    { parameters }: AuthChallenge,
    credentials: Credentials,
    clientNonce: string = randomBytes(16).toString('hex'),
  ) {
    this.#challenge = parameters;
    this.#credentials = credentials;
    this.#clientNonce = clientNonce;
    this.#nonce = parameters['nonce'] ?? '';
    this.#secret = this.#hashedSecret();
  }

  /** The nonce that requests are signed with now. */
  get nonce(): string {
    return this.#nonce;
  }

  /** From now on this nonce (`nextnonce` of RFC 7616 section 3.5). */
  goOnWith(nonce: string): void {
    if (nonce === this.#nonce) return;
    this.#nonce = nonce;
    this.#count = 0;
  }

  /** The `Authorization` of one request; `uri` is its path and query as they are sent. */
  header(method: string, uri: string): string {
    const { realm = '', opaque, algorithm, qop } = this.#challenge;
    const count = (++this.#count).toString(16).padStart(8, '0');
    const request = this.#hash(`${method}:${uri}`);
    const counted = qop === undefined ? [] : [count, this.#clientNonce, 'auth'];
    const response = this.#hash([this.#secret, this.#nonce, ...counted, request].join(':'));
    const parts = [
      ...this.#whose(),
      `realm=${quoted(realm)}`,
      `nonce=${quoted(this.#nonce)}`,
      `uri=${quoted(uri)}`,
      `response="${response}"`,
      ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
      ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
      ...(qop === undefined ? [] : ['qop=auth', `nc=${count}`, `cnonce="${this.#clientNonce}"`]),
    ];
    return `Digest ${parts.join(', ')}`;
  }

  /** Section 3.4.2; of a `-sess` algorithm it holds the first nonces for good. */
  #hashedSecret(): string {
    const { user, password } = this.#credentials;
    const plain = this.#hash(`${user}:${this.#challenge['realm'] ?? ''}:${password}`);
    const isSession = /-sess$/i.test(this.#challenge['algorithm'] ?? '');
    return isSession ? this.#hash(`${plain}:${this.#nonce}:${this.#clientNonce}`) : plain;
  }

  /** Section 3.4.4, and `username*` of section 3.4 for what is not ASCII. */
  #whose(): string[] {
    const { user } = this.#credentials;
    const { realm = '', userhash, charset } = this.#challenge;
    if (userhash?.toLowerCase() === 'true') return [`username="${this.#hash(`${user}:${realm}`)}"`, 'userhash=true'];
    const isExtended = charset?.toUpperCase() === 'UTF-8' && /[^\x20-\x7e]/.test(user);
    return [isExtended ? `username*=UTF-8''${encodeURIComponent(user)}` : `username=${quoted(user)}`];
  }

  #hash(text: string): string {
    return createHash(hashes[hashNameOf(this.#challenge)] ?? 'md5')
      .update(text)
      .digest('hex');
  }
}

function hashNameOf({ algorithm = 'MD5' }: AuthChallenge['parameters']): string {
  return algorithm.toUpperCase().replace(/-SESS$/, '');
}

function offersAuth(qop: string): boolean {
  return qop.split(',').some((way) => way.trim().toLowerCase() === 'auth');
}

/** A header is bytes: what is not ASCII goes as UTF-8. */
function quoted(text: string): string {
  return `"${Buffer.from(text.replace(/["\\]/g, '\\$&')).toString('latin1')}"`;
}
