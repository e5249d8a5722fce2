import { HttpClient } from '../../http/http-client.ts';
import type { RetryOptions } from '../../http/retry.ts';
import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';
import type { Bucket } from '../bucket/bucket.ts';
import { BucketStore } from '../bucket/bucket-store.ts';
import { AccessTokens, type TokenGrant } from '../../http/oauth/access-tokens.ts';
import { DefaultCredentials } from '../google/default-credentials.ts';
import { GoogleBucket } from './google-bucket.ts';
import { GoogleClient } from '../google/google-client.ts';
import { type OAuthLogin, userGrant } from '../google/google-login.ts';
import { hmacBucket, type HmacKey } from './hmac-bucket.ts';
import { storageMeaning } from './storage-meaning.ts';
import { LazilyPrepared } from './lazily-prepared.ts';
import { type ServiceAccountKey, serviceAccountGrant } from '../google/service-account.ts';

/** Sends requests; told when Google complains about too many in the text of an answer. */
export type GoogleHttp = Pick<HttpClient, 'send' | 'close'> & Partial<Pick<HttpClient, 'throttled'>>;

/** By what the store proves who it is. `default` is whoever this computer is logged in as. */
export type GoogleCredentials =
  | { readonly hmac: HmacKey }
  | { readonly serviceAccount: ServiceAccountKey }
  | { readonly login: OAuthLogin }
  | 'default';

/** Reads, writes and lists files, and makes buckets; it reaches no rights of buckets and files. */
export const storageScope = 'https://www.googleapis.com/auth/devstorage.read_write';

/** Options of `GoogleStorageStore`. */
export interface GoogleStorageStoreOptions {
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
  /** A PEM file of certificate authorities that are trusted beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Environment variables, for proxies. @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** As `HttpClientOptions.timeout`. */
  readonly timeout?: number | undefined;
  /** Counts the requests. */
  readonly traffic?: Traffic | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Sends the requests, and is closed with the store. @default a client of its own */
  readonly http?: GoogleHttp | undefined;
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
  const { traffic, timeout, caFile, variables = process.env } = options;
  assertName(bucket);
  const origin = originOf(options.endpoint);
  const folder = folderOf(options.root);
  const http = options.http ?? new HttpClient({ traffic, timeout, caFile, variables });
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

function originOf(endpoint: string = 'https://storage.googleapis.com'): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.pathname === '/';
  if (isAddress) return url.origin;
  throw new StoreError('Unsupported', {
    message: 'the endpoint is no http or https address of a host; change `endpoint`',
  });
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
