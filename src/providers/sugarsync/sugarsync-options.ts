import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import type { RetryOptions } from '../../http/retry.ts';
import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';
import { SugarClient } from './sugar-client.ts';
import { type SugarKeys, sugarTokenGrant } from './sugar-tokens.ts';

/** Options of `SugarSyncStore`. */
export interface SugarSyncStoreOptions extends SugarKeys {
  /** Of a login; it is good until it is revoked. */
  readonly refreshToken: string;
  /** The folder that the store begins at, made where it is missing: `Magic Briefcase/files`. @default the list of sync folders */
  readonly root?: string | undefined;
  /** Deletes for good, instead of moving what is deleted among the deleted files. @default false */
  readonly deletePermanently?: boolean | undefined;
  /** Bytes of the largest file; 100,000,000 for old accounts. @default no limit is known */
  readonly maxFileSize?: number | undefined;
  /** Address of a service in SugarSync's place. @default https://api.sugarsync.com */
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
  readonly http?: Pick<HttpClient, 'send' | 'close'> | undefined;
}

/** The client that a store with these options works with. Throws `Unsupported` for an address that is none. */
export function clientOf(options: SugarSyncStoreOptions, http: Pick<HttpClient, 'send'>): SugarClient {
  const { accessKeyId, privateAccessKey, refreshToken, retry } = options;
  const origin = sugarOrigin(options.endpoint);
  const grant = sugarTokenGrant({ http, origin, retry }, { accessKeyId, privateAccessKey }, refreshToken);
  return new SugarClient({ http, tokens: new AccessTokens(grant), origin, retry });
}

/** Scheme, host and port of an address. Throws `Unsupported` for one that is none. */
export function sugarOrigin(endpoint: string = 'https://api.sugarsync.com'): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.pathname === '/';
  if (isAddress) return url.origin;
  throw new StoreError('Unsupported', {
    message: 'the endpoint is no http or https address of a host; change `endpoint`',
  });
}
