import { HttpClient } from '../../http/http-client.ts';
import type { RetryOptions } from '../../http/retry.ts';
import type { Traffic } from '../../http/traffic.ts';
import { StoreError } from '../../store/errors.ts';

/** Sends requests; told when a service complains about too many in the text of an answer. */
export type ServiceHttp = Pick<HttpClient, 'send' | 'close'> & Partial<Pick<HttpClient, 'throttled'>>;

/** The options that the stores of all services have. */
export interface ServiceOptions {
  /** Address of a service in the place of the usual one. @default the provider's */
  readonly endpoint?: string | undefined;
  /** A PEM file of certificate authorities that are trusted beside the usual ones. */
  readonly caFile?: string | undefined;
  /** Environment variables, for proxies, and where the service's own tools keep keys there. @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** As `HttpClientOptions.timeout`. */
  readonly timeout?: number | undefined;
  /** Counts the requests. */
  readonly traffic?: Traffic | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Sends the requests, and is closed with the store. @default a client of its own */
  readonly http?: ServiceHttp | undefined;
}

/** The client that a store with these options sends its requests by. */
export function httpOf(options: ServiceOptions): ServiceHttp {
  const { traffic, timeout, caFile, variables = process.env } = options;
  return options.http ?? new HttpClient({ traffic, timeout, caFile, variables });
}

/** Scheme, host and port of an address, whose scheme is https where it is left out. Throws `Unsupported` for one that is none. */
export function originOf(endpoint: string): string {
  const url = URL.parse(/^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.pathname === '/';
  if (isAddress) return url.origin;
  throw new StoreError('Unsupported', {
    message: 'the endpoint is no http or https address of a host; change `endpoint`',
  });
}
