import { HttpClient } from '../../http/http-client.ts';
import type { RetryOptions } from '../../http/retry.ts';
import { StoreError } from '../../store/errors.ts';
import type { Bucket } from '../bucket/bucket.ts';
import { BucketStore } from '../bucket/bucket-store.ts';
import { AccessTokens, type TokenGrant } from '../../http/oauth/access-tokens.ts';
import { DefaultCredentials } from '../google/default-credentials.ts';
import { httpOf, originOf, type ServiceOptions } from '../service/service-options.ts';
import { GoogleBucket } from './google-bucket.ts';
import { GoogleClient } from '../google/google-client.ts';
import { type OAuthLogin, userGrant } from '../google/google-login.ts';
import { hmacBucket, type HmacKey } from './hmac-bucket.ts';
import { storageMeaning } from './storage-meaning.ts';
import { LazilyPrepared } from './lazily-prepared.ts';
import { type ServiceAccountKey, serviceAccountGrant } from '../google/service-account.ts';

/** By what the store proves who it is. `default` is whoever this computer is logged in as. */
export type GoogleCredentials =
  | { readonly hmac: HmacKey }
  | { readonly serviceAccount: ServiceAccountKey }
  | { readonly login: OAuthLogin }
  | 'default';

/** Reads, writes and lists files, and makes buckets; it reaches no rights of buckets and files. */
export const storageScope = 'https://www.googleapis.com/auth/devstorage.read_write';

/** Options of `GoogleStorageStore`. */
export interface GoogleStorageStoreOptions extends ServiceOptions {
  readonly bucket: string;
  /** @default 'default' */
  readonly credentials?: GoogleCredentials | undefined;
  /** The folder of the bucket that is the store's root. @default the whole bucket */
  readonly root?: string | undefined;
  /** Makes the bucket where it is missing. @default true */
  readonly createBucket?: boolean | undefined;
  /** The project in which the bucket is made. @default that of the service account or of this computer's login */
  readonly project?: string | undefined;
  /** Where the bucket is made: `EU`, `europe-west3`. @default Google's, which is `US` */
  readonly location?: string | undefined;
  /** Address of the service. @default https://storage.googleapis.com */
  readonly endpoint?: string | undefined;
}

/**
 * A bucket of Google Cloud Storage: by the JSON API, or with an HMAC key by the XML API. Nothing is asked before the first call,
 * which finds or makes the bucket.
 */
export class GoogleStorageStore extends BucketStore {
  /** Throws `StoreError`s for options that cannot be right: names, addresses. */
  constructor(options: GoogleStorageStoreOptions) {
    super(bucketOf(options), { root: options.root });
  }
}

function bucketOf(options: GoogleStorageStoreOptions): Bucket {
  const { bucket, createBucket = true, project, location, retry, credentials = 'default' } = options;
  assertName(bucket);
  const origin = originOf(options.endpoint ?? 'https://storage.googleapis.com');
  const folder = folderOf(options.root);
  const http = httpOf(options);
  if (typeof credentials === 'object' && 'hmac' in credentials) {
    return hmacBucket({ ...options, hmac: credentials.hmac, origin, folder, http, create: createBucket });
  }
  const { grant, project: ownProject } = grantOf(credentials, http, retry);
  const bucketByJson = new GoogleBucket({
    client: new GoogleClient({ http, tokens: new AccessTokens(grant), origin, meaningOf: storageMeaning, retry }),
    bucket,
    folder,
    create: createBucket ? { project: async () => project ?? (await ownProject()), location } : undefined,
    close: () => http.close(),
  });
  return new LazilyPrepared(bucketByJson);
}

interface Login {
  readonly grant: TokenGrant;
  readonly project: () => Promise<string | undefined>;
}

function grantOf(
  credentials: Exclude<GoogleCredentials, { readonly hmac: HmacKey }>,
  http: Pick<HttpClient, 'send'>,
  retry: RetryOptions | undefined,
): Login {
  if (credentials === 'default') return new DefaultCredentials(storageScope);
  if ('login' in credentials) {
    return { grant: userGrant(http, credentials.login, retry), project: async () => undefined };
  }
  const key = credentials.serviceAccount;
  return { grant: serviceAccountGrant(http, key, storageScope, retry), project: async () => key.project };
}

function folderOf(root: string = ''): string {
  const folder = root.replace(/^\/+|\/+$/g, '');
  return folder === '' ? '' : `${folder}/`;
}

/** Google says more, and it is asked; here is refused what could not even be part of an address. */
function assertName(bucket: string): void {
  if (/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) return;
  const rule =
    'a name has 3 to 63 lower-case letters, digits, hyphens, underscores and dots, and begins and ends with a letter or digit';
  throw new StoreError('InvalidPath', {
    message: `no bucket can be called "${bucket}": ${rule}; change \`bucket_name\``,
  });
}
