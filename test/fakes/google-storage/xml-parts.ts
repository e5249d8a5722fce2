import { createHash, randomBytes } from 'node:crypto';
import type { FakeBucket } from './fake-bucket.ts';
import type { FakeCloud } from './fake-cloud.ts';
import { GoogleFault, invalid } from './google-fault.ts';
import type { PartsUpload, UploadedPart } from './parts-upload.ts';
import type { FileProperties, StoredFile } from './stored-file.ts';

const minPart = 5 * 1024 * 1024;

export function beginParts(
  cloud: FakeCloud,
  bucket: FakeBucket,
  name: string,
  properties: FileProperties,
): PartsUpload {
  const id = `ABPnz${randomBytes(30).toString('base64url')}`;
  const upload = { id, bucket, name, properties, begun: new Date(), parts: new Map() };
  cloud.partsUploads.set(id, upload);
  return upload;
}

/** The upload that a request names; throws where it is not one of this file. */
export function partsUpload(cloud: FakeCloud, bucket: FakeBucket, name: string, id: string): PartsUpload {
  const upload = cloud.partsUploads.get(id);
  if (upload === undefined || upload.bucket !== bucket || upload.name !== name) {
    throw new GoogleFault(404, 'notFound', 'NoSuchUpload', 'The specified multipart upload does not exist.');
  }
  return upload;
}

export function putPart(upload: PartsUpload, partNumber: string, content: Buffer): UploadedPart {
  const number = Number(partNumber);
  if (!/^\d+$/.test(partNumber) || number < 1 || number > 10_000) throw invalid('partNumber is 1 to 10000');
  const part = { etag: `"${createHash('md5').update(content).digest('hex')}"`, content, modified: new Date() };
  upload.parts.set(number, part);
  return part;
}

/** Puts the named parts together. Throws where one is not there, not in order, or too small to stand in the middle. */
export function completeParts(
  cloud: FakeCloud,
  upload: PartsUpload,
  named: readonly { readonly number: number; readonly etag: string }[],
): StoredFile {
  const chosen = named.map(({ number, etag }, at) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag.replaceAll('"', '') !== etag.replaceAll('"', '')) {
      throw new GoogleFault(400, 'invalid', 'InvalidPart', 'One or more of the specified parts could not be found.');
    }
    if (at > 0 && number <= (named[at - 1]?.number ?? 0)) {
      throw new GoogleFault(400, 'invalid', 'InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    return part.content;
  });
  if (chosen.length === 0) throw new GoogleFault(400, 'invalid', 'MalformedXML', 'There are no parts.');
  if (chosen.slice(0, -1).some((content) => content.length < minPart)) {
    const message = 'Your proposed upload is smaller than the minimum object size specified.';
    throw new GoogleFault(400, 'invalid', 'EntityTooSmall', message);
  }
  const { bucket, name, properties } = upload;
  const file = bucket.insert({ name, content: Buffer.concat(chosen), properties, components: chosen.length });
  cloud.partsUploads.delete(upload.id);
  return file;
}
