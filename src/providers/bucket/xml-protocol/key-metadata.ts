import { isDeepStrictEqual } from 'node:util';
import type { HttpHeaders } from '../../../http/http-request.ts';
import { textOf } from '../../../http/xml.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import type { CallOptions, Metadata, SetMetadataOptions } from '../../../store/store.ts';
import type { StoredFile } from '../bucket.ts';
import { copyHeaders, keepSource } from './copy-source.ts';
import { copyingDeadline, copyInParts } from './key-copier.ts';
import { faultOf, resultIn } from './service-fault.ts';
import { carriedHeaders, metadataHeaders, revisionOf } from './stored-headers.ts';
import { assertRevision } from './write-conditions.ts';
import { currentRevision, headAnswer, type XmlParts } from './xml-parts.ts';

/** How often the file may be replaced by somebody else meanwhile. */
const tries = 5;

interface Version {
  readonly file: StoredFile;
  readonly headers: HttpHeaders;
}

/**
 * Replaces the metadata of a key. The protocol has one way: the key is copied onto itself, by one request (`CopyObject` with
 * REPLACE) up to 5 GiB, above in parts. Time, content type and storage class are given anew as they were. Throws `NotFound`, and
 * `Conflict` where the file is not the one that `ifRevision` tells.
 */
export async function setKeyMetadata(
  parts: XmlParts,
  key: string,
  metadata: Metadata,
  { ifRevision, signal }: SetMetadataOptions,
): Promise<StoredFile> {
  for (let tried = 1; ; tried++) {
    const version = await headAnswer(parts, key, { signal });
    if (version === undefined) throw new StoreError('NotFound', { message: 'there is no such file' });
    assertRevision(version.file.revision, ifRevision);
    try {
      return await replace(parts, version, metadata, { signal });
    } catch (error) {
      const isOther = isStoreError(error, 'Conflict') || isStoreError(error, 'NotFound');
      if (!isOther || tried === tries) throw error;
    }
  }
}

async function replace(
  parts: XmlParts,
  { file, headers }: Version,
  metadata: Metadata,
  { signal }: CallOptions,
): Promise<StoredFile> {
  const { key, modified, contentType, revision } = file;
  const described = { ...carriedHeaders(headers), ...metadataHeaders(modified, metadata), ...storageClassOf(headers) };
  if (file.size > parts.settings.maxCopySize) {
    const options = { ifRevision: revision, headers: described, signal };
    return { ...(await copyInParts(parts, file, key, options)), contentType, metadata };
  }
  const change = { ifRevision: revision, current: () => currentRevision(parts, key, { signal }), signal };
  return await parts.conditions.keepSeen('CopyObject', change, revision, (condition) =>
    copyOntoItself(parts, { ...file, metadata }, { ...described, ...condition }, { signal }),
  );
}

/** What is copied without a class gets the usual one. */
function storageClassOf(headers: HttpHeaders): HttpHeaders {
  return { 'x-amz-storage-class': headers['x-amz-storage-class'] };
}

async function copyOntoItself(
  parts: XmlParts,
  wanted: StoredFile,
  described: HttpHeaders,
  { signal }: CallOptions,
): Promise<StoredFile> {
  const { key } = wanted;
  const call = { operation: 'CopyObject', method: 'PUT', key, retry: { deadline: copyingDeadline }, signal };
  let attempts = 0;
  try {
    return await keepSource(parts, wanted, { signal }, (source) => {
      const headers = {
        ...copyHeaders(parts.settings, source),
        ...parts.settings.writeHeaders,
        ...described,
        'x-amz-metadata-directive': 'REPLACE',
      };
      return parts.client.read({ ...call, headers, onAttempt: () => void attempts++ }, async (answer) => {
        const result = resultIn(await answer.body.text(), answer.status);
        return { ...wanted, revision: revisionOf(textOf(result, 'ETag').trim()) };
      });
    });
  } catch (error) {
    // An earlier attempt arrived and its answer was lost: our own version is what the condition refuses.
    const own = attempts > 1 && faultOf(error)?.status === 412 ? await headAnswer(parts, key, { signal }) : undefined;
    if (own?.file.size === wanted.size && isDeepStrictEqual(own.file.metadata, wanted.metadata)) return own.file;
    throw error;
  }
}
