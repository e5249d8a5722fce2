import type { FakeBucket } from './fake-bucket.ts';
import type { FileProperties } from './stored-file.ts';

/** One part of a multipart upload of the XML API. */
export interface UploadedPart {
  readonly etag: string;
  readonly content: Buffer;
  readonly modified: Date;
}

/** A multipart upload of the XML API (https://docs.cloud.google.com/storage/docs/multipart-uploads). */
export interface PartsUpload {
  readonly id: string;
  readonly bucket: FakeBucket;
  readonly name: string;
  readonly properties: FileProperties;
  readonly begun: Date;
  readonly parts: Map<number, UploadedPart>;
}
