import type { HttpHeaders } from '../../../http/http-request.ts';
import { textOf } from '../../../http/xml.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import { forEachConcurrently } from '../../../store/for-each-concurrently.ts';
import type { ByteRange, CallOptions, Source } from '../../../store/store.ts';
import type { CopyKeyOptions, StoredFile } from '../bucket.ts';
import { type CopySource, copiesPartsOf, copyHeaders, keepSource } from './copy-source.ts';
import { getKey } from './key-reader.ts';
import { copyPart, createUpload, type StoredPart, uploadPart } from './multipart-calls.ts';
import { finish, giveUp } from './multipart-upload.ts';
import { partSizeFor, planParts } from './part-plan.ts';
import { faultOf, resultIn } from './service-fault.ts';
import { carriedHeaders, keptMetadataHeaders, revisionOf } from './stored-headers.ts';
import { currentRevision, headAnswer, type XmlParts } from './xml-parts.ts';

/** Copying many gigabytes takes a service minutes; attempts begin within this time, in milliseconds. */
export const copyingDeadline: number = 15 * 60_000;

/**
 * Copies a key with its metadata: by one request (`CopyObject`) up to 5 GiB, above in parts. `NotFound` where the source is not
 * (any more) as `from` tells, `Conflict` where the target is not.
 */
export async function copyKey(
  parts: XmlParts,
  from: StoredFile,
  to: string,
  options: CopyKeyOptions,
): Promise<StoredFile> {
  const { ifRevision, signal } = options;
  const current = (): Promise<string | null> => currentRevision(parts, to, { signal });
  const found = ifRevision === undefined ? null : await current();
  const inParts = from.size > parts.settings.maxCopySize;
  const change = { ifRevision, current, signal };
  return await parts.conditions.keepSeen(inParts ? 'CopyInParts' : 'CopyObject', change, found, (condition) =>
    inParts ? copyInParts(parts, from, to, options) : copyAtOnce(parts, from, to, condition, { signal }),
  );
}

async function copyAtOnce(
  parts: XmlParts,
  from: StoredFile,
  to: string,
  condition: HttpHeaders,
  { signal }: CallOptions,
): Promise<StoredFile> {
  const call = { operation: 'CopyObject', method: 'PUT', key: to, retry: { deadline: copyingDeadline }, signal };
  let attempts = 0;
  try {
    return await keepSource(parts, from, { signal }, (source) => {
      const headers = { ...copyHeaders(parts.settings, source), ...parts.settings.writeHeaders, ...condition };
      return parts.client.read({ ...call, headers, onAttempt: () => void attempts++ }, async (answer) => {
        const result = resultIn(await answer.body.text(), answer.status);
        return { ...from, key: to, revision: revisionOf(textOf(result, 'ETag').trim()) };
      });
    });
  } catch (error) {
    if (faultOf(error)?.status !== 412) throw error;
    if ((await currentRevision(parts, from.key, { signal })) !== from.revision) throw sourceGone(error);
    // An earlier attempt arrived and its answer was lost: our own copy is what the condition refuses.
    const copy = attempts > 1 ? await headAnswer(parts, to, { signal }) : undefined;
    if (copy?.file.revision === from.revision && copy.file.size === from.size) return copy.file;
    throw error;
  }
}

/** What the copy is to be. */
export interface CopyInPartsOptions extends CopyKeyOptions {
  /** @default as the source */
  readonly headers?: HttpHeaders | undefined;
}

/** Copies a key of any size, part by part. Throws as `copyKey` does. */
export async function copyInParts(
  parts: XmlParts,
  from: StoredFile,
  to: string,
  { ifRevision, headers, signal }: CopyInPartsOptions,
): Promise<StoredFile> {
  const source = await headAnswer(parts, from.key, { signal });
  if (source?.file.revision !== from.revision) throw sourceGone(undefined);
  const { size, modified } = source.file;
  const copies = copiesPartsOf(parts, from.key);
  const whole = [{ start: 0, end: size }];
  const plan = planParts(size, partSizeFor(size, parts.settings.partSize), copies ? whole : []);
  const described = headers ?? { ...carriedHeaders(source.headers), ...keptMetadataHeaders(source.headers) };
  const upload = await createUpload(parts, to, described, { signal });
  try {
    const stored: StoredPart[] = [];
    await forEachConcurrently(plan, parts.settings.parallelParts, async (part) => {
      const copy = (source: CopySource): Promise<StoredPart> =>
        copyPart(parts, upload, part.number, { ...source, range: part }, { signal });
      const passed = rangeSource(parts, from, part, { signal });
      stored.push(
        copies
          ? await keepSource(parts, from, { signal }, copy)
          : await uploadPart(parts, upload, part.number, passed, { signal }),
      );
    });
    stored.sort((a, b) => a.number - b.number);
    if ((await currentRevision(parts, from.key, { signal })) !== from.revision) throw sourceGone(undefined);
    return await finish(parts, { upload, stored, size, modified }, ifRevision, { signal });
  } catch (error) {
    await giveUp(parts, upload);
    throw isStoreError(error, 'Conflict') && faultOf(error)?.status === 412 && ifRevision === undefined
      ? sourceGone(error)
      : error;
  }
}

/** Bytes of a stored version, for services that cannot be told to copy them. */
function rangeSource(parts: XmlParts, from: StoredFile, { start, end }: ByteRange, options: CallOptions): Source {
  return {
    size: end - start,
    slice: (first, last) =>
      rangeSource(parts, from, { start: start + first, end: Math.min(end, start + last) }, options),
    async *stream() {
      const range = { offset: start, length: end - start, ifRevision: from.revision };
      const download = await getKey(parts, from.key, { ...range, ...options });
      if (download === undefined) throw sourceGone(undefined);
      yield* download.body;
    },
  };
}

function sourceGone(cause: unknown): StoreError {
  return new StoreError('NotFound', { message: 'what was to be copied has been changed or removed', cause });
}
