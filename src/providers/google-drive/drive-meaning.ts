import { ownValue } from '../../store/own-value.ts';
import type { GoogleFault, GoogleMeaning } from '../google/google-error.ts';

/** What Drive means by a refusal (https://developers.google.com/workspace/drive/api/guides/handle-errors). */
export function driveMeaning({ status, reason }: GoogleFault): GoogleMeaning | undefined {
  const known = reason === undefined ? undefined : ownValue(meanings, reason);
  if (known !== undefined) return known;
  if (status === 403 && !/ratelimit|usagelimits/i.test(reason ?? '')) {
    return ['PermissionDenied', 'this account may not do that; check how the file or its folder is shared'];
  }
  return undefined;
}

const noScope: GoogleMeaning = [
  'PermissionDenied',
  'the login does not reach so far: it lacks the scope https://www.googleapis.com/auth/drive',
];
const tooMany: GoogleMeaning = ['QuotaExceeded', 'Drive takes no more files here'];

const meanings: Readonly<Record<string, GoogleMeaning>> = {
  storageQuotaExceeded: ['QuotaExceeded', 'the storage of the account is full'],
  quotaExceeded: ['QuotaExceeded'],
  activeItemCreationLimitExceeded: tooMany,
  numChildrenInNonRootLimitExceeded: tooMany,
  teamDriveFileLimitExceeded: tooMany,
  teamDriveHierarchyTooDeep: ['Unsupported', 'Drive takes no folders so deep'],
  myDriveHierarchyDepthLimitExceeded: ['Unsupported', 'Drive takes no folders so deep'],
  dailyLimitExceeded: ['RateLimited', 'the requests of the day are used up; raise the quota of the project'],
  sharingRateLimitExceeded: ['RateLimited'],
  insufficientPermissions: noScope,
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: noScope,
  accessNotConfigured: ['PermissionDenied', 'the Drive API is not switched on in the project of this OAuth client'],
  domainPolicy: ['PermissionDenied', 'the administrators of the domain do not let this program in'],
  appNotAuthorizedToFile: ['PermissionDenied', 'this program was not let into this file'],
  cannotDownloadAbusiveFile: ['PermissionDenied', 'Drive takes the file for malware or spam'],
  fileNotDownloadable: ['Unsupported', 'the file has no bytes that could be read'],
};
