import type { HttpResponse } from '../../http/http-request.ts';
import { StoreError } from '../../store/errors.ts';

/** Where a request goes: the parts of an address as they are sent. */
export interface Place {
  /** `https://cloud.example:8443`. */
  readonly origin: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
}

const statuses: ReadonlySet<number> = new Set([301, 302, 307, 308]);

/**
 * Where an answer sends the request on to (RFC 9110 section 15.4), with the same method and body; undefined for every other
 * answer. Throws `Unsupported` for a way from https to plain HTTP, and for a redirect that leads nowhere.
 */
export function redirectOf(
  { status, headers }: Pick<HttpResponse, 'status' | 'headers'>,
  from: Place,
): Place | undefined {
  if (!statuses.has(status)) return undefined;
  const location = headers['location'];
  if (location === undefined || !URL.canParse(location, from.origin + from.path))
    throw new StoreError('Unsupported', { message: `the server answers ${status} without saying where to go` });
  const target = new URL(location, from.origin + from.path);
  const path = target.pathname + target.search;
  // A server behind a gateway that adds the encryption may not know that it is reached by https.
  if (isDowngrade(from.origin, target) && path === `${from.path}/`) return { origin: from.origin, path };
  if (isDowngrade(from.origin, target) || !/^https?:$/.test(target.protocol))
    throw new StoreError('Unsupported', {
      message: `the server sends us on to ${target.origin}, which is not encrypted: refused for an https url`,
    });
  return { origin: target.origin, path };
}

function isDowngrade(origin: string, target: URL): boolean {
  return origin.startsWith('https:') && target.protocol === 'http:';
}
