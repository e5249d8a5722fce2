import { StoreError } from '../../store/errors.ts';
import {
  addressOf,
  type BucketAddress,
  type BucketEndpoint,
  type RedirectHint,
} from '../bucket/xml-protocol/bucket-endpoint.ts';

/** How a bucket is named in an address: in the path, or as a part of the host. */
export type Addressing = 'auto' | 'path' | 'virtual';

/** Options of `S3Endpoint`. */
export interface S3EndpointOptions {
  readonly bucket: string;
  /** Address of the service; https where it names no scheme. @default that of Amazon S3 */
  readonly endpoint?: string | undefined;
  /** @default `us-east-1`, until an answer tells another */
  readonly region?: string | undefined;
  readonly addressing?: Addressing | undefined;
}

const defaultRegion = 'us-east-1';
const regionPattern = /^[A-Za-z0-9-]{1,64}$/;

/** Where the bucket is. With Amazon S3 the region is part of the host, and both are learned from answers. */
export class S3Endpoint implements BucketEndpoint {
  /** Whether this is Amazon's own service. */
  readonly amazon: boolean;
  readonly #bucket: string;
  readonly #given: URL | undefined;
  readonly #addressing: Addressing;
  #region: string;
  #address: BucketAddress;

  /** Throws `Unsupported` for an endpoint that is no http or https address, and for a region that cannot be one. */
  constructor({ bucket, endpoint, region = defaultRegion, addressing = 'auto' }: S3EndpointOptions) {
    this.#bucket = bucket;
    this.#given = endpoint === undefined ? undefined : parseEndpoint(endpoint);
    this.#addressing = addressing;
    this.amazon = this.#given === undefined || isAmazon(this.#given.hostname);
    if (!regionPattern.test(region))
      throw new StoreError('Unsupported', { message: `"${region}" is no region; change \`region\`` });
    this.#region = region;
    this.#address = this.#build();
  }

  get address(): BucketAddress {
    return this.#address;
  }

  /** See `BucketEndpoint.redirect`. Goes only where the endpoint itself leads, and never from https to http. */
  redirect({ status, location, region }: RedirectHint): BucketAddress | undefined {
    if (region !== undefined && region !== this.#region && regionPattern.test(region)) {
      this.#region = region;
      this.#address = this.#build();
      return this.#address;
    }
    const url = location === undefined ? undefined : this.#trusted(location);
    if (url === undefined) return undefined;
    const path = url.hostname.startsWith(`${this.#bucket}.`) ? '' : `${this.#basePath()}/${this.#bucket}`;
    const address = addressOf(url, path, this.#region);
    // 307 holds for this request alone (RFC 9110 section 15.4.8).
    if (status !== 307) this.#address = address;
    return address;
  }

  #build(): BucketAddress {
    const url = new URL(this.#given ?? `https://s3.${this.#region}.${amazonDomain(this.#region)}`);
    if (!this.#isVirtual(url)) return addressOf(url, `${this.#basePath()}/${this.#bucket}`, this.#region);
    url.hostname = `${this.#bucket}.${url.hostname}`;
    return addressOf(url, this.#basePath(), this.#region);
  }

  /** Amazon's certificates cover one label before the domain, so names with dots are kept in the path. */
  #isVirtual({ hostname }: URL): boolean {
    if (this.#addressing !== 'auto') return this.#addressing === 'virtual';
    return isAmazon(hostname) && /^[a-z0-9][a-z0-9-]*$/.test(this.#bucket);
  }

  #basePath(): string {
    return (this.#given?.pathname ?? '').replace(/\/+$/, '');
  }

  #trusted(location: string): URL | undefined {
    const url = URL.parse(location, this.#address.origin);
    const here = new URL(this.#address.origin);
    if (url === null || (here.protocol === 'https:' && url.protocol !== 'https:')) return undefined;
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
    const family = isAmazon(here.hostname) ? amazonDomain(this.#region) : (this.#given?.hostname ?? here.hostname);
    return url.hostname === family || url.hostname.endsWith(`.${family}`) ? url : undefined;
  }
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`);
  // A port alone would be read as the number of an IP address.
  const isPort = /^(?:[a-z]+:\/\/)?\d+\/?$/i.test(endpoint);
  if (!isPort && url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '')
    return url;
  throw new StoreError('Unsupported', { message: 'the endpoint is no http or https address; change `endpoint`' });
}

function isAmazon(hostname: string): boolean {
  return /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(hostname);
}

/** https://docs.aws.amazon.com/general/latest/gr/s3.html */
function amazonDomain(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
