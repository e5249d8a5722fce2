import type { RunningServer } from './server-scope.ts';

/** One pair of keys of an S3 server. */
export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What a client of an S3 server needs. Buckets are the client's to make. */
export interface S3Server extends RunningServer, S3Keys {
  /** For path style: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** For virtual-host style: a bucket is at `http://BUCKET.` + this, which must be looked up as 127.0.0.1. */
  readonly domain: string;
  readonly region: string;
  /** Another user, to whom the buckets of the first one are forbidden, and who may not make any. */
  readonly other: S3Keys;
}
