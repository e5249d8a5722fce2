/**
 * A refusal of the fake, in the terms of both APIs: `reason` is the JSON API's, `code` the XML API's
 * (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes, .../xml-api/reference-status).
 */
export class GoogleFault extends Error {
  readonly status: number;
  readonly reason: string;
  readonly code: string;
  /** The parameter or header that is wrong, for the JSON form. */
  readonly location: string | undefined;
  /** Seconds, for the Retry-After header. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    reason: string,
    code: string,
    message: string,
    more: { readonly location?: string | undefined; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.code = code;
    this.location = more.location;
    this.retryAfter = more.retryAfter;
  }
}

export const noSuchBucket = (): GoogleFault =>
  new GoogleFault(404, 'notFound', 'NoSuchBucket', 'The specified bucket does not exist.');

export const noSuchFile = (bucket: string, name: string): GoogleFault =>
  new GoogleFault(404, 'notFound', 'NoSuchKey', `No such object: ${bucket}/${name}`);

export const notFound = (): GoogleFault => new GoogleFault(404, 'notFound', 'NoSuchKey', 'Not Found');

export const preconditionFailed = (): GoogleFault =>
  new GoogleFault(
    412,
    'conditionNotMet',
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold.',
    { location: 'If-Match' },
  );

export const notModified = (): GoogleFault => new GoogleFault(304, 'notModified', 'NotModified', '');

export const invalid = (message: string, location?: string): GoogleFault =>
  new GoogleFault(400, 'invalid', 'InvalidArgument', message, { location });

export const required = (parameter: string): GoogleFault =>
  new GoogleFault(400, 'required', 'InvalidArgument', `Required parameter: ${parameter}`, { location: parameter });

export const forbidden = (message: string): GoogleFault => new GoogleFault(403, 'forbidden', 'AccessDenied', message);

export const conflict = (code: string, message: string): GoogleFault => new GoogleFault(409, 'conflict', code, message);

export const rangeNotSatisfiable = (): GoogleFault =>
  new GoogleFault(416, 'requestedRangeNotSatisfiable', 'InvalidRange', 'Request range not satisfiable');

export const methodNotAllowed = (): GoogleFault =>
  new GoogleFault(405, 'methodNotAllowed', 'MethodNotAllowed', 'The specified method is not allowed.');

/** What Google says when it answers only with a status; used by the switch that injects faults. */
export function faultOfStatus(status: number, retryAfter?: number): GoogleFault {
  const more = { retryAfter };
  if (status === 429) {
    const message = 'The object exceeded the rate limit for object mutation operations (create, update, and delete).';
    return new GoogleFault(429, 'rateLimitExceeded', 'SlowDown', message, more);
  }
  if (status === 401) {
    return new GoogleFault(401, 'authError', 'InvalidSecurity', 'Invalid Credentials', { location: 'Authorization' });
  }
  if (status === 403) return new GoogleFault(403, 'forbidden', 'AccessDenied', 'Forbidden', more);
  if (status === 410) return new GoogleFault(410, 'gone', 'Gone', 'Gone', more);
  if (status === 404) return notFound();
  if (status === 412) return preconditionFailed();
  return new GoogleFault(status, 'backendError', 'ServiceUnavailable', 'We encountered an internal error.', more);
}
