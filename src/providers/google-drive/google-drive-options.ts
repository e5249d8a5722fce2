import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens, type TokenGrant } from '../../http/oauth/access-tokens.ts';
import type { RetryOptions } from '../../http/retry.ts';
import { DefaultCredentials } from '../google/default-credentials.ts';
import { GoogleClient } from '../google/google-client.ts';
import { type OAuthLogin, userGrant } from '../google/google-login.ts';
import { type ServiceAccountKey, serviceAccountGrant } from '../google/service-account.ts';
import { originOf, type ServiceOptions } from '../service/service-options.ts';
import { DocumentExports } from './document-exports.ts';
import { DriveCalls } from './drive-calls.ts';
import { driveMeaning } from './drive-meaning.ts';
import { DriveTree } from './drive-tree.ts';
import { exportEndings } from './export-formats.ts';

/** All files of the account: less would hide what other programs made. */
export const driveScope = 'https://www.googleapis.com/auth/drive';

/** By what the store proves who it is. `default` is whoever this computer is logged in as. */
export type GoogleDriveCredentials =
  | { readonly serviceAccount: ServiceAccountKey }
  | { readonly login: OAuthLogin }
  | 'default';

/** Options of `GoogleDriveStore`. */
export interface GoogleDriveStoreOptions extends ServiceOptions {
  readonly credentials: GoogleDriveCredentials;
  /** A shared drive's id. @default the account's own drive */
  readonly driveId?: string | undefined;
  /** The folder that is the store's root, made where it is missing: `backup/photos`. @default everything */
  readonly root?: string | undefined;
  /** Endings as which documents of Google's editors are read, the preferred ones first: `['docx', 'xlsx']`. @default none: they are links */
  readonly exportAs?: readonly string[] | undefined;
  /** Deletes for good instead of into the trash. @default false */
  readonly deletePermanently?: boolean | undefined;
  /** Address of the service. @default https://www.googleapis.com */
  readonly endpoint?: string | undefined;
}

/** Drive tells of too many requests within a second or a minute. Requests under way are fewer then (`RateGovernor`), so that the pauses of one need not be long. */
const patience: RetryOptions = { attempts: 20, deadline: 120_000, firstDelay: 500, longestDelay: 4_000 };

/** The tree that a store with these options works on. */
export function treeOf(
  options: GoogleDriveStoreOptions,
  http: Pick<HttpClient, 'send'> & Partial<Pick<HttpClient, 'throttled'>>,
): DriveTree {
  const { credentials, driveId, root = '/', exportAs = [], retry = patience } = options;
  const tokens = new AccessTokens(grantOf(credentials, http, retry));
  const origin = originOf(options.endpoint ?? 'https://www.googleapis.com');
  const client = new GoogleClient({ http, tokens, origin, meaningOf: driveMeaning, retry });
  const exports = new DocumentExports(client, exportEndings(exportAs.join(' ')));
  return new DriveTree(new DriveCalls(client, driveId, exports), root);
}

function grantOf(credentials: GoogleDriveCredentials, http: Pick<HttpClient, 'send'>, retry: RetryOptions): TokenGrant {
  if (credentials === 'default') return new DefaultCredentials(driveScope).grant;
  if ('login' in credentials) return userGrant(http, credentials.login, retry);
  return serviceAccountGrant(http, credentials.serviceAccount, driveScope, retry);
}
