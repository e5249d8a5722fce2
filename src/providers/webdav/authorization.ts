import type { HttpHeaders } from '../../http/http-request.ts';
import { type AuthChallenge, parseChallenges, parseParameters } from './auth-challenge.ts';
import { type Credentials, digestRank, DigestSession } from './digest-session.ts';

type Way =
  | { readonly scheme: 'basic'; readonly header: string }
  | { readonly scheme: 'digest'; readonly session: DigestSession };

/**
 * How requests to one origin are authorized. Nothing is sent until the server has said which way it wants, so a password never
 * goes to a server that would have taken Digest; from then on every request is authorized at once.
 */
export class Authorization {
  readonly #credentials: Credentials | undefined;
  #way: Way | undefined;

  /** Without credentials nothing is ever sent. */
  constructor(credentials: Credentials | undefined) {
    this.#credentials = credentials;
  }

  /** The `Authorization` header of the next request, undefined while none is known to be wanted. */
  header(method: string, path: string): string | undefined {
    if (this.#way === undefined) return undefined;
    return this.#way.scheme === 'basic' ? this.#way.header : this.#way.session.header(method, path);
  }

  /** Whether a request that was answered 401 may succeed when it is sent again. `sent` is the header that it had. */
  mayRepeat(headers: HttpHeaders, sent: string | undefined): boolean {
    if (this.#credentials === undefined) return false;
    const challenge = bestOf(parseChallenges(headers['www-authenticate'] ?? ''));
    if (challenge === undefined) return false;
    if (challenge.scheme === 'basic') return this.#useBasic(this.#credentials, sent);
    const { nonce = '', stale } = challenge.parameters;
    const wasRefused = sent?.includes(`nonce="${nonce}"`) === true && stale?.toLowerCase() !== 'true';
    if (wasRefused) return false;
    // Another request may have got this nonce already; its count must go on.
    if (this.#way?.scheme !== 'digest' || this.#way.session.nonce !== nonce) {
      this.#way = { scheme: 'digest', session: new DigestSession(challenge, this.#credentials) };
    }
    return true;
  }

  /** Notes what the answer to an authorized request says about the next one. */
  answered(headers: HttpHeaders): void {
    const info = headers['authentication-info'];
    if (info === undefined || this.#way?.scheme !== 'digest') return;
    const next = parseParameters(info)['nextnonce'];
    if (next !== undefined && next !== '') this.#way.session.goOnWith(next);
  }

  /** Why a 401 was the last word, as a sentence that names what to change. */
  refusal(headers: HttpHeaders): string {
    const challenges = parseChallenges(headers['www-authenticate'] ?? '');
    if (this.#credentials === undefined) return 'the server asks who you are: set user and password';
    if (challenges.length > 0 && bestOf(challenges) === undefined) {
      const schemes = challenges.map(({ scheme }) => scheme).join(', ');
      return `the server takes neither Basic nor Digest but ${schemes}: create an app password or another access there`;
    }
    return 'the server refuses user or password: check both (services with two-factor login want an app password)';
  }

  /** RFC 7617: user and password as UTF-8. */
  #useBasic({ user, password }: Credentials, sent: string | undefined): boolean {
    if (sent?.startsWith('Basic ') === true) return false;
    this.#way = { scheme: 'basic', header: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
    return true;
  }
}

/** Digest before Basic, and the strongest hash that is offered. */
function bestOf(challenges: readonly AuthChallenge[]): AuthChallenge | undefined {
  const digests = challenges
    .map((challenge) => ({ challenge, rank: digestRank(challenge) }))
    .filter((offer): offer is { challenge: AuthChallenge; rank: number } => offer.rank !== undefined)
    .sort((a, b) => a.rank - b.rank);
  return digests[0]?.challenge ?? challenges.find(({ scheme }) => scheme === 'basic');
}
