import type { HttpClient } from '../../http/http-client.ts';
import { AccessTokens } from '../../http/oauth/access-tokens.ts';
import { originOf, type ServiceOptions } from '../service/service-options.ts';
import { SugarClient } from './sugar-client.ts';
import { type SugarKeys, sugarTokenGrant } from './sugar-tokens.ts';

/** Of SugarSync's API. */
export const sugarAddress = 'https://api.sugarsync.com';

/** Options of `SugarSyncStore`. */
export interface SugarSyncStoreOptions extends SugarKeys, ServiceOptions {
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
}

/** The client that a store with these options works with. Throws `Unsupported` for an address that is none. */
export function clientOf(options: SugarSyncStoreOptions, http: Pick<HttpClient, 'send'>): SugarClient {
  const { accessKeyId, privateAccessKey, refreshToken, retry } = options;
  const origin = originOf(options.endpoint ?? sugarAddress);
  const grant = sugarTokenGrant({ http, origin, retry }, { accessKeyId, privateAccessKey }, refreshToken);
  return new SugarClient({ http, tokens: new AccessTokens(grant), origin, retry });
}
