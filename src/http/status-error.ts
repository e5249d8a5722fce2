import { StoreError, type StoreErrorCode } from '../store/errors.ts';
import type { HttpHeaders } from './http-request.ts';

/**
 * What a status means where the service's own error text does not say more (RFC 9110 section 15, RFC 4918, RFC 6585). A redirect that nobody
 * follows is `Unavailable`: most of them lead to a page for logging in, which goes away again.
 */
export function codeOfStatus(status: number): StoreErrorCode {
  const known = codes[status];
  if (known !== undefined) return known;
  return status >= 500 || (status >= 300 && status < 400) ? 'Unavailable' : 'Unsupported';
}

/** The failure that an answer stands for. `message` is a sentence for people. */
export function statusError(status: number, headers: HttpHeaders, message?: string): StoreError {
  return new StoreError(codeOfStatus(status), {
    message: message ?? `the service answered ${status}`,
    retryAfter: retryAfterOf(headers),
  });
}

/** `Retry-After` in milliseconds from now, given in seconds or as a date (RFC 9110 section 10.2.3). */
export function retryAfterOf(headers: HttpHeaders, now: number = Date.now()): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const codes: Readonly<Record<number, StoreErrorCode>> = {
  401: 'Unauthenticated',
  403: 'PermissionDenied',
  404: 'NotFound',
  408: 'Unavailable',
  409: 'Conflict',
  410: 'NotFound',
  412: 'Conflict',
  413: 'TooLarge',
  416: 'Conflict',
  423: 'Conflict',
  425: 'Unavailable',
  429: 'RateLimited',
  501: 'Unsupported',
  507: 'QuotaExceeded',
};
