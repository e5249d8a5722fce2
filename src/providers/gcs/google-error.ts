import type { HttpResponse } from '../../http/http-request.ts';
import { codeOfStatus, retryAfterOf } from '../../http/status-error.ts';
import { StoreError, type StoreErrorCode } from '../../store/errors.ts';

const longestText = 1 << 20;

/** What Google said when it did not do what it was asked. It is the `cause` of the `StoreError`. */
export class GoogleFault extends Error {
  readonly status: number;
  /** Google's own code: `conditionNotMet`. Absent where the answer had none. */
  readonly reason: string | undefined;
  /** Google's own sentence. */
  readonly detail: string;

  constructor(status: number, reason: string | undefined, detail: string) {
    super([status, reason, detail].filter((part) => part !== undefined && part !== '').join(' '));
    this.name = 'GoogleFault';
    this.status = status;
    this.reason = reason;
    this.detail = detail;
  }
}

/**
 * The failure that an answer stands for, in words that say what to change
 * (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes). Reads the answer to its end.
 */
export async function googleError(answer: HttpResponse): Promise<StoreError> {
  const fault = parseFault(answer.status, await answer.body.text(longestText));
  return errorOfFault(fault, retryAfterOf(answer.headers));
}

/** What an error's text says; downloads answer a sentence instead of JSON. */
export function parseFault(status: number, text: string): GoogleFault {
  try {
    const { error } = JSON.parse(text) as { error?: ErrorResource };
    return new GoogleFault(status, error?.errors?.[0]?.reason, error?.message ?? '');
  } catch {
    const isSentence = !text.trimStart().startsWith('<');
    return new GoogleFault(status, undefined, isSentence ? text.trim().slice(0, 500) : '');
  }
}

interface ErrorResource {
  readonly message?: string;
  readonly errors?: readonly { readonly reason?: string }[];
}

/** The failure that Google's answer stands for. */
export function errorOfFault(fault: GoogleFault, retryAfter?: number): StoreError {
  const [code, sentence] = meaningOf(fault);
  const told = `Google answered ${fault.message}`;
  const message = sentence === undefined ? told : `${sentence} (${told})`;
  return new StoreError(code, { message, retryAfter, cause: fault });
}

/** Whether Google says that the bucket is not there. Of a file that is not there it says "No such object". */
export function isBucketMissing(error: unknown): boolean {
  const fault = faultOf(error);
  return fault?.status === 404 && /bucket does not exist/i.test(fault.detail);
}

/** Google's own answer, where a failure is one. */
export function faultOf(error: unknown): GoogleFault | undefined {
  return error instanceof StoreError && error.cause instanceof GoogleFault ? error.cause : undefined;
}

const noBucket = 'there is no such bucket; check `bucket_name`, or let it be made with `create_bucket = yes`';

function meaningOf({ status, reason, detail }: GoogleFault): readonly [StoreErrorCode, string?] {
  const known = reason === undefined ? undefined : meanings[reason];
  if (known !== undefined) return known;
  if (status === 400 && /doesn't match calculated/.test(detail)) {
    return ['Corrupt', 'what arrived is not what was sent'];
  }
  if (status === 400 && /bucket name/i.test(detail)) {
    return ['InvalidPath', 'Google does not allow this name of a bucket; change `bucket_name`'];
  }
  if (status === 400 && /object name/i.test(detail)) return ['InvalidPath', 'Google does not take this name'];
  if (status === 400 && /project/i.test(detail)) {
    return ['PermissionDenied', 'this account has no such project; check `project`'];
  }
  // Not `NotFound`: that would say that every file in it was deleted.
  if (status === 404 && /bucket does not exist/i.test(detail)) return ['PermissionDenied', noBucket];
  if (status === 401) return ['Unauthenticated', 'Google does not accept the access token; log in again'];
  if (status === 403) return ['PermissionDenied', 'this account may not do that; check its role in the bucket'];
  return [codeOfStatus(status)];
}

const tooFast: readonly [StoreErrorCode] = ['RateLimited'];
const noBilling = 'the project cannot be used; check its billing account in the Google Cloud console';

const meanings: Readonly<Record<string, readonly [StoreErrorCode, string?]>> = {
  rateLimitExceeded: tooFast,
  userRateLimitExceeded: tooFast,
  usageLimits: tooFast,
  backendError: ['Unavailable'],
  internalError: ['Unavailable'],
  uploadBrokenConnection: ['Unavailable'],
  quotaExceeded: ['QuotaExceeded'],
  accountDisabled: ['PermissionDenied', noBilling],
  userProjectAccountProblem: ['PermissionDenied', noBilling],
  insufficientPermissions: [
    'PermissionDenied',
    'the login does not reach so far: it lacks the scope devstorage.read_write',
  ],
  retentionPolicyNotMet: ['PermissionDenied', 'a retention policy of the bucket forbids to replace or delete the file'],
  objectUnderActiveHold: ['PermissionDenied', 'the file is under a hold'],
  uploadTooLarge: ['TooLarge'],
};
