import type { HttpHeaders } from '../../../http/http-request.ts';
import type { WantedSums } from './payload.ts';

/** How a bucket is used; what a service can do, and what its user wants. Sizes in bytes. */
export interface XmlSettings {
  /** The bucket's own name. */
  readonly bucket: string;
  /** Keys that this account may list begin with it: the folder that it works in, with `/` behind, or nothing. */
  readonly prefix: string;
  /** The bucket is made where it is missing. */
  readonly create: boolean;
  /** `checked`: looked at before each conditional change; the condition is sent along where the server does not answer 501. */
  readonly preconditions: 'atomic' | 'checked';
  /** Sums that go with each upload. */
  readonly sums: WantedSums;
  /** Whole files are compared with the sum that the service keeps of them. */
  readonly verifiesReads: boolean;
  /** Files of at least this size are uploaded in parts. */
  readonly multipartFrom: number;
  /** Of one part; it grows with the file, since there are at most 10,000 parts. */
  readonly partSize: number;
  /** Parts of one file that are under way at the same time. */
  readonly parallelParts: number;
  /** Largest file that is copied by one request. */
  readonly maxCopySize: number;
  /** The service copies ranges of files into parts (`UploadPartCopy`). */
  readonly copiesParts: boolean;
  /** Names that the service does not take. @default none */
  readonly refusedNames?: RegExp | undefined;
  readonly maxFileSize: number;
  /** Of names and texts as they are sent, without the time. */
  readonly maxMetadataBytes: number;
  /** `DeleteObjects` looks at the `ETag` of each key. @default false */
  readonly deletesByEtag?: boolean | undefined;
  /** Go with each new file: storage class, encryption. */
  readonly writeHeaders: HttpHeaders;
  /** Unfinished uploads of ours are given up when they are older than this, in milliseconds. */
  readonly abandonedAfter: number;
}

/** Limits of the protocol (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). */
export const xmlLimits: {
  readonly partSize: number;
  readonly parts: number;
  readonly copySize: number;
  readonly fileSize: number;
  readonly metadataBytes: number;
  readonly deletesAtOnce: number;
} = {
  partSize: 5 << 20,
  parts: 10_000,
  copySize: 5 * 2 ** 30,
  fileSize: 5 * 2 ** 40,
  // 2 KiB, without the time.
  metadataBytes: 2048 - 32,
  deletesAtOnce: 1000,
};
