import { ownValue } from '../../store/own-value.ts';
import { faultOf, type GoogleFault, type GoogleMeaning } from '../google/google-error.ts';

/** Whether Google says that the bucket is not there. Of a file that is not there it says "No such object". */
export function isBucketMissing(error: unknown): boolean {
  const fault = faultOf(error);
  return fault?.status === 404 && /bucket does not exist/i.test(fault.detail);
}

const noBucket = 'there is no such bucket; check `bucket_name`, or let it be made with `create_bucket = yes`';

/** What Cloud Storage means by a refusal (https://docs.cloud.google.com/storage/docs/json_api/v1/status-codes). */
export function storageMeaning({ status, reason, detail }: GoogleFault): GoogleMeaning | undefined {
  const known = reason === undefined ? undefined : ownValue(meanings, reason);
  if (known !== undefined) return known;
  if (status === 400 && /bucket name/i.test(detail)) {
    return ['InvalidPath', 'Google does not allow this name of a bucket; change `bucket_name`'];
  }
  if (status === 400 && /object name/i.test(detail)) return ['InvalidPath', 'Google does not take this name'];
  if (status === 400 && /project/i.test(detail)) {
    return ['PermissionDenied', 'this account has no such project; check `project`'];
  }
  // Not `NotFound`: that would say that every file in it was deleted.
  if (status === 404 && /bucket does not exist/i.test(detail)) return ['PermissionDenied', noBucket];
  // What all services say by a reason of their own is no matter of roles.
  if (status === 403 && !commonReasons.has(reason ?? '')) {
    return ['PermissionDenied', 'this account may not do that; check its role in the bucket'];
  }
  return undefined;
}

const commonReasons: ReadonlySet<string> = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'usageLimits']);

const noBilling = 'the project cannot be used; check its billing account in the Google Cloud console';

const meanings: Readonly<Record<string, GoogleMeaning>> = {
  quotaExceeded: ['QuotaExceeded'],
  accountDisabled: ['PermissionDenied', noBilling],
  userProjectAccountProblem: ['PermissionDenied', noBilling],
  insufficientPermissions: [
    'PermissionDenied',
    'the login does not reach so far: it lacks the scope devstorage.read_write',
  ],
  retentionPolicyNotMet: ['PermissionDenied', 'a retention policy of the bucket forbids to replace or delete the file'],
  objectUnderActiveHold: ['PermissionDenied', 'the file is under a hold'],
};
