import type { HttpClient } from '../../http/http-client.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from '../../http/http-request.ts';
import { StoreError } from '../../store/errors.ts';
import type { Authorization } from './authorization.ts';
import { type Place, redirectOf } from './redirect.ts';

/** A request to the server, without where that is. */
export interface DavRequest {
  readonly method: string;
  /** Percent-encoded, from the server's root on. */
  readonly path: string;
  readonly headers?: HttpHeaders | undefined;
  readonly body?: HttpRequest['body'];
  readonly signal?: AbortSignal | undefined;
  readonly expectContinue?: boolean | undefined;
  /** Redirects are answers instead of ways. @default false */
  readonly stay?: boolean | undefined;
  /** It is known where the server is: a redirect to something else is none of its own. @default false */
  readonly isKnown?: boolean | undefined;
}

/** An answer, and where it came from in the end. */
export interface DavAnswer extends HttpResponse {
  readonly place: Place;
}

const longestWay = 5;
const longestDispute = 3;

/**
 * Requests to one server: authorized, and sent on where it says so. Credentials go to the configured host alone, over the same
 * scheme or https, never to another host that a redirect names.
 */
export class DavConnection {
  readonly origin: string;
  readonly #http: HttpClient;
  readonly #authorization: Authorization;

  constructor(http: HttpClient, origin: string, authorization: Authorization) {
    this.#http = http;
    this.origin = origin;
    this.#authorization = authorization;
  }

  /**
   * One exchange, whatever its status but 401, which is `Unauthenticated`. Throws as `HttpClient.send` does, and `Unsupported`
   * for redirects that lead nowhere or to plain HTTP, and `Unavailable` for
   * those that lead a request with `isKnown` to something else.
   */
  async send(request: DavRequest): Promise<DavAnswer> {
    let place: Place = { origin: this.origin, path: request.path };
    for (let step = 0; step <= longestWay; step++) {
      const answer = await this.#ask(request, place);
      const next = request.stay === true ? undefined : redirectOf(answer, place);
      if (next === undefined) return { ...answer, place };
      await answer.body.discard();
      if (request.isKnown === true && !isSameResource(next, request.path)) throw detour(next);
      place = next;
    }
    throw new StoreError('Unsupported', { message: `the server sends us in circles, lately to ${place.origin}` });
  }

  async #ask(request: DavRequest, place: Place): Promise<HttpResponse> {
    const isHome = mayKnowPassword(place.origin, this.origin);
    for (let dispute = 1; ; dispute++) {
      const authorization = isHome ? this.#authorization.header(request.method, place.path) : undefined;
      const answer = await this.#http.send({
        ...httpRequest(request, place),
        headers: { ...request.headers, authorization },
      });
      if (answer.status !== 401) {
        if (authorization !== undefined) this.#authorization.answered(answer.headers);
        return answer;
      }
      await answer.body.discard();
      if (!isHome) throw strange(place);
      if (dispute >= longestDispute || !this.#authorization.mayRepeat(answer.headers, authorization))
        throw new StoreError('Unauthenticated', { message: this.#authorization.refusal(answer.headers) });
    }
  }
}

function httpRequest({ method, body, signal, expectContinue }: DavRequest, { origin, path }: Place): HttpRequest {
  return { operation: method, method, origin, path, body, signal, expectContinue };
}

/** Whether what `configured` may know may go to `origin`: it is the same, or the same host by https instead of plain HTTP. */
export function mayKnowPassword(origin: string, configured: string): boolean {
  if (origin === configured) return true;
  const [ours, theirs] = [new URL(configured), new URL(origin)];
  return ours.protocol === 'http:' && theirs.protocol === 'https:' && ours.hostname === theirs.hostname;
}

/** Servers send on to another host, or to the address with a slash behind, but the last name stays. */
function isSameResource({ path }: Place, asked: string): boolean {
  return lastName(path) === lastName(asked);
}

function lastName(path: string): string {
  const name = path.replace(/\?.*$/s, '').replace(/\/+$/, '').replace(/^.*\//s, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function detour({ origin, path }: Place): StoreError {
  const page = path.replace(/\?.*$/s, '');
  const message = `we are sent on to ${origin}${page}, which is something else; perhaps the network wants a login`;
  return new StoreError('Unavailable', { message });
}

function strange({ origin }: Place): StoreError {
  const message = `the server sends us on to ${origin}, which asks for a password; none is sent to another host. If that is your server, name it in url`;
  return new StoreError('Unauthenticated', { message });
}
