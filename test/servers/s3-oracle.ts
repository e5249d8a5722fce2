import { Agent } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3Keys, S3Server } from './s3-server.ts';

/** What of a server the AWS SDK must know. */
export type S3Address = S3Keys & Pick<S3Server, 'endpoint' | 'domain' | 'region'>;

/** How the AWS SDK shall come to a server. */
export interface OracleOptions {
  /** Default are those of the server's first account. */
  readonly keys?: S3Keys;
  /** Addresses buckets by host name, which is looked up as 127.0.0.1; default is by path. */
  readonly virtualHost?: boolean;
}

/** The AWS SDK for a server, with no retries and with checksums only where a request needs them. `destroy()` it. */
export function s3Oracle(server: S3Address, options: OracleOptions = {}): S3Client {
  const { accessKey, secretKey } = options.keys ?? server;
  const virtualHost = options.virtualHost === true;
  const httpAgent = new Agent({
    lookup: (_host, { all }, found) =>
      all === true ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
  });
  return new S3Client({
    endpoint: virtualHost ? `http://${server.domain}` : server.endpoint,
    forcePathStyle: !virtualHost,
    region: server.region,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    requestHandler: { httpAgent },
  });
}
