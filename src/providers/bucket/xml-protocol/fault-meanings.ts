import type { StoreErrorCode } from '../../../store/errors.ts';

/** What a code of the service means for a store, and where the user can do something about it, what. */
export interface FaultMeaning {
  readonly code: StoreErrorCode;
  readonly sentence?: string | undefined;
}

/**
 * The meaning of a code (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those that Ceph, Swift and
 * Google add). Undefined: the status tells all there is.
 */
export function meaningOf(code: string | undefined): FaultMeaning | undefined {
  return code !== undefined && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
}

const wrongId = 'the service does not know this access key; check `id`';
// Swift says so of an access key that it does not know.
const wrongSecret = 'the secret does not belong to this access key; check `secret`, then `id`';
const expired = 'the session token is not valid any more; get new temporary keys and set `session_token`';
const wrongClock = 'the clock of this computer is wrong; set it right';
const wrongRegion = 'the bucket is in another region; set `region`';

const meanings: Readonly<Record<string, FaultMeaning>> = {
  NoSuchKey: { code: 'NotFound' },
  NoSuchUpload: { code: 'NotFound' },
  NoSuchVersion: { code: 'NotFound' },
  // Not `NotFound`: that would say that every file in it was deleted.
  NoSuchBucket: {
    code: 'PermissionDenied',
    sentence: 'there is no such bucket; check `bucket_name`, or let it be made with `create_bucket = yes`',
  },
  BucketAlreadyExists: {
    code: 'PermissionDenied',
    sentence: 'the bucket belongs to another account; choose another `bucket_name`',
  },
  InvalidBucketName: {
    code: 'InvalidPath',
    sentence: 'the service does not allow this name of a bucket; change `bucket_name`',
  },
  AccessDenied: { code: 'PermissionDenied', sentence: 'this account may not do that; check its rights to the bucket' },
  AllAccessDisabled: { code: 'PermissionDenied' },
  AccountProblem: { code: 'PermissionDenied', sentence: 'the service has a problem with this account' },
  UserSuspended: { code: 'PermissionDenied', sentence: 'the service has suspended this account' },
  InvalidObjectState: {
    code: 'PermissionDenied',
    sentence: 'the file is in an archive storage class and must be restored at the service first',
  },
  InvalidAccessKeyId: { code: 'Unauthenticated', sentence: wrongId },
  NotSignedUp: { code: 'Unauthenticated', sentence: wrongId },
  SignatureDoesNotMatch: { code: 'Unauthenticated', sentence: wrongSecret },
  ExpiredToken: { code: 'Unauthenticated', sentence: expired },
  InvalidToken: { code: 'Unauthenticated', sentence: expired },
  TokenRefreshRequired: { code: 'Unauthenticated', sentence: expired },
  RequestTimeTooSkewed: { code: 'Unauthenticated', sentence: wrongClock },
  RequestExpired: { code: 'Unauthenticated', sentence: wrongClock },
  AuthorizationHeaderMalformed: { code: 'Unauthenticated', sentence: wrongRegion },
  PermanentRedirect: { code: 'Unsupported', sentence: wrongRegion },
  TemporaryRedirect: { code: 'Unavailable' },
  IllegalLocationConstraintException: { code: 'Unsupported', sentence: wrongRegion },
  InvalidLocationConstraint: { code: 'Unsupported', sentence: 'the service has no such region; check `region`' },
  SlowDown: { code: 'RateLimited' },
  TooManyRequests: { code: 'RateLimited' },
  RequestLimitExceeded: { code: 'RateLimited' },
  Throttling: { code: 'RateLimited' },
  InternalError: { code: 'Unavailable' },
  ServiceUnavailable: { code: 'Unavailable' },
  RequestTimeout: { code: 'Unavailable' },
  OperationAborted: { code: 'Unavailable' },
  IncompleteBody: { code: 'Unavailable' },
  BadDigest: { code: 'Corrupt' },
  InvalidDigest: { code: 'Corrupt' },
  XAmzContentSHA256Mismatch: { code: 'Corrupt' },
  XAmzContentChecksumMismatch: { code: 'Corrupt' },
  PreconditionFailed: { code: 'Conflict' },
  ConditionalRequestConflict: { code: 'Conflict' },
  InvalidRange: { code: 'Conflict' },
  EntityTooLarge: { code: 'TooLarge' },
  KeyTooLongError: { code: 'InvalidPath', sentence: 'the path is too long for the service' },
  InvalidURI: { code: 'InvalidPath', sentence: 'the service does not take this name' },
  QuotaExceeded: { code: 'QuotaExceeded' },
  TooManyBuckets: { code: 'QuotaExceeded', sentence: 'this account may not make more buckets' },
  NotImplemented: { code: 'Unsupported' },
  MethodNotAllowed: { code: 'Unsupported' },
};
