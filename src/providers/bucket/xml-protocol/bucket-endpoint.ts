/** Where the requests for a bucket go, and how they are signed. */
export interface BucketAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** As the header `Host` tells it. */
  readonly host: string;
  /** What stands before each key, without the slash between them: `/bucket` in path style, nothing with virtual hosts. */
  readonly path: string;
  /** Part of the signature. */
  readonly region: string;
}

/** What an answer says about where to go instead. */
export interface RedirectHint {
  readonly status: number;
  /** The header `Location`. */
  readonly location?: string | undefined;
  /** Where the bucket is. */
  readonly region?: string | undefined;
}

/** Knows where a bucket is, and learns it from answers. */
export interface BucketEndpoint {
  readonly address: BucketAddress;
  /** Where the request is to be sent again, or undefined: nothing new was learned, or the place is not trusted with it. */
  redirect(hint: RedirectHint): BucketAddress | undefined;
}

/** The address that an origin with a path stands for. */
export function addressOf(url: URL, path: string, region: string): BucketAddress {
  return { origin: url.origin, host: url.host, path, region };
}
