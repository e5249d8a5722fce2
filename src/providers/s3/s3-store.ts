import type { HttpHeaders } from '../../http/http-request.ts';
import { BucketStore } from '../bucket/bucket-store.ts';
import { assertBucketName } from '../bucket/xml-protocol/bucket-access.ts';
import type { WantedSums } from '../bucket/xml-protocol/payload.ts';
import { XmlBucket } from '../bucket/xml-protocol/xml-bucket.ts';
import { type XmlSettings, xmlLimits } from '../bucket/xml-protocol/xml-settings.ts';
import { httpOf, type ServiceOptions } from '../service/service-options.ts';
import { keyChain } from './key-chain.ts';
import { type Addressing, S3Endpoint } from './s3-endpoint.ts';

/** Which sums go with uploads, and with which downloads are compared. */
export type Checksums = 'auto' | 'crc32' | 'md5' | 'sha256' | 'off';

/** Options of `S3Store`. Sizes in bytes. */
export interface S3StoreOptions extends ServiceOptions {
  readonly bucket: string;
  /** Access key. @default the environment, the shared AWS files, the container's or instance's metadata service */
  readonly id?: string | undefined;
  readonly secret?: string | undefined;
  /** Goes with temporary keys. */
  readonly sessionToken?: string | undefined;
  /** A profile of the shared AWS files. */
  readonly profile?: string | undefined;
  /** The folder of the bucket that is the store's root. @default the whole bucket */
  readonly root?: string | undefined;
  /** Address of the service. @default Amazon S3 */
  readonly endpoint?: string | undefined;
  /** @default AWS_REGION, or `us-east-1`, until the service tells another */
  readonly region?: string | undefined;
  /** `auto`: as a part of the host with Amazon S3, in the path elsewhere. @default 'auto' */
  readonly addressing?: Addressing | undefined;
  /** Makes the bucket where it is missing. @default true */
  readonly createBucket?: boolean | undefined;
  /** `auto`: `atomic` with Amazon S3, `checked` elsewhere. @default 'auto' */
  readonly preconditions?: 'auto' | 'atomic' | 'checked' | undefined;
  /** `auto`: CRC-32 with Amazon S3; elsewhere SHA-256 over http and MD5 over https, which every service knows. @default 'auto' */
  readonly checksums?: Checksums | undefined;
  /** Files of at least this size are uploaded in parts. @default 16 MiB */
  readonly multipartFrom?: number | undefined;
  /** Of a part, at least 5 MiB; it grows with the file. @default 8 MiB */
  readonly partSize?: number | undefined;
  /** Parts of one file that are sent at the same time. @default 4 */
  readonly parallelParts?: number | undefined;
  /** Largest file that is copied by one request; larger ones are copied in parts. @default 5 GiB, as Amazon S3 allows */
  readonly maxCopySize?: number | undefined;
  /** Storage class of new files: `STANDARD_IA`. @default the bucket's */
  readonly storageClass?: string | undefined;
  /** Encryption of new files at the service: `AES256`, `aws:kms`. @default the bucket's */
  readonly encryption?: string | undefined;
  /** Days after which unfinished uploads of ours are given up. @default 7 */
  readonly unfinishedDays?: number | undefined;
}

/**
 * A bucket of Amazon S3, or of any service that speaks its protocol. Nothing is asked before the first call, which finds or makes
 * the bucket.
 */
export class S3Store extends BucketStore {
  /** Throws `StoreError`s for options that cannot be right: names, addresses, half a pair of keys. */
  constructor(options: S3StoreOptions) {
    const { bucket, root, retry, variables = process.env } = options;
    assertBucketName(bucket);
    const endpoint = new S3Endpoint({ ...options, region: options.region ?? regionIn(options, variables) });
    const keys = keyChain({ ...options, variables });
    const settings = settingsOf(options, endpoint);
    super(new XmlBucket({ name: 's3', http: httpOf(options), keys, endpoint, settings, retry }), { root });
  }
}

/** What other services call their regions is nothing that Amazon's variables would tell. */
function regionIn(
  { endpoint }: S3StoreOptions,
  variables: NonNullable<S3StoreOptions['variables']>,
): string | undefined {
  return endpoint === undefined ? (variables['AWS_REGION'] ?? variables['AWS_DEFAULT_REGION']) : undefined;
}

const mebibyte = 1 << 20;
const day = 86_400_000;

function settingsOf(options: S3StoreOptions, endpoint: S3Endpoint): XmlSettings {
  const { bucket, root = '', createBucket = true, preconditions = 'auto', checksums = 'auto' } = options;
  const { multipartFrom = 16 * mebibyte, partSize = 8 * mebibyte, parallelParts = 4, unfinishedDays = 7 } = options;
  const { maxCopySize = xmlLimits.copySize } = options;
  assertSize('partSize', partSize, xmlLimits.partSize, xmlLimits.copySize);
  assertSize('multipartFrom', multipartFrom, xmlLimits.partSize, xmlLimits.copySize);
  assertSize('maxCopySize', maxCopySize, xmlLimits.partSize, xmlLimits.fileSize);
  assertSize('parallelParts', parallelParts, 1, 1000);
  const kept = preconditions === 'auto' ? (endpoint.amazon ? 'atomic' : 'checked') : preconditions;
  const folder = root.replace(/^\/+|\/+$/g, '');
  return {
    bucket,
    prefix: folder === '' ? '' : `${folder}/`,
    create: createBucket,
    preconditions: kept,
    deletesByEtag: kept === 'atomic',
    sums: sumsOf(checksums, endpoint),
    verifiesReads: checksums !== 'off',
    multipartFrom,
    partSize,
    parallelParts,
    maxCopySize,
    copiesParts: true,
    maxFileSize: xmlLimits.fileSize,
    maxMetadataBytes: xmlLimits.metadataBytes,
    writeHeaders: writeHeaders(options),
    abandonedAfter: unfinishedDays * day,
  };
}

/** Over http the signature covers the body in any case: nothing else keeps others from changing it. */
function sumsOf(checksums: Checksums, { amazon, address }: S3Endpoint): WantedSums {
  const plain = address.origin.startsWith('http:');
  const chosen = checksums === 'auto' ? (amazon ? 'crc32' : plain ? 'sha256' : 'md5') : checksums;
  return { sha256: plain || chosen === 'sha256', md5: chosen === 'md5', crc32: chosen === 'crc32' };
}

function writeHeaders({ storageClass, encryption }: S3StoreOptions): HttpHeaders {
  return { 'x-amz-storage-class': storageClass, 'x-amz-server-side-encryption': encryption };
}

function assertSize(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} is a whole number from ${least} to ${most}, not ${value}`);
}
