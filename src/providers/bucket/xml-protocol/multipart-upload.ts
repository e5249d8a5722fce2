import type { HttpHeaders } from '../../../http/http-request.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import { forEachConcurrently } from '../../../store/for-each-concurrently.ts';
import type { CallOptions, Source } from '../../../store/store.ts';
import type { PutOptions, StoredFile } from '../bucket.ts';
import { crc32Text, joinCrc32 } from './crc32-sum.ts';
import * as calls from './multipart-calls.ts';
import { copiesPartsOf, keepSource } from './copy-source.ts';
import { type Part, partSizeFor, planParts } from './part-plan.ts';
import { headersOfFile, keptTime } from './stored-headers.ts';
import { abandon, savedState, UploadProgress } from './upload-progress.ts';
import { describedBy } from './upload-state.ts';
import { removeUnfinishedUploads } from './unfinished-uploads.ts';
import { assertRevision, isUnmet } from './write-conditions.ts';
import { currentRevision, headKey, headWritten, type XmlParts } from './xml-parts.ts';

/** How long a call that failed waits until its upload is given up, in milliseconds. */
const patience = 1000;

/** Writes a key in parts, several at the same time. Throws `Conflict` for a failed precondition. */
export async function putInParts(
  parts: XmlParts,
  key: string,
  source: Source,
  options: PutOptions,
): Promise<StoredFile> {
  const { signal, ifRevision, resume, contentType, metadata = {} } = options;
  const modified = keptTime(options.modified);
  // Before hours of sending, whatever the service does at the end.
  if (ifRevision !== undefined) assertRevision(await currentRevision(parts, key, { signal }), ifRevision);
  const described = describedBy(metadata);
  const state = savedState(resume?.saved, { key, size: source.size, described });
  // One that was begun with other metadata cannot be told another.
  if (state === undefined) await abandon(parts, resume?.saved, { signal });
  const partSize = state?.partSize ?? partSizeFor(source.size, parts.settings.partSize);
  const copied = copiesPartsOf(parts, key) && typeof ifRevision === 'string' ? options.unchanged : undefined;
  const plan = planParts(source.size, partSize, copied);
  const task = {
    key,
    source,
    partSize,
    plan,
    resume,
    described,
    headers: headersOfFile(modified, contentType, metadata),
  };
  const progress = await UploadProgress.begin(parts, task, { signal });
  lookForUnfinished(parts, progress.upload);
  try {
    await sendMissing(parts, progress, source, ifRevision ?? undefined, { signal });
    const done = { upload: progress.upload, stored: progress.stored, size: source.size, modified };
    const file = await finish(parts, done, ifRevision, { signal });
    progress.end();
    return { ...file, contentType, metadata };
  } catch (error) {
    if (resume === undefined || isUseless(error)) {
      progress.end();
      await giveUp(parts, progress.upload);
    }
    throw error;
  }
}

/** Gives an upload up, and waits a moment for it: nobody who aborts a call wants to wait for a network that is gone. */
export async function giveUp(parts: XmlParts, upload: calls.Upload): Promise<void> {
  await parts.background.startAndWait(patience, (signal) => calls.abortUpload(parts, upload, { signal }));
}

/** Once for each store: who uploads large files is who leaves unfinished ones behind. */
function lookForUnfinished(parts: XmlParts, known: calls.Upload): void {
  if (!parts.learned.looksForUnfinished) return;
  parts.learned.looksForUnfinished = false;
  void parts.background.start(async (signal) => void (await removeUnfinishedUploads(parts, known, { signal })));
}

/** An upload with all its parts at the service. */
export interface SentUpload {
  readonly upload: calls.Upload;
  readonly stored: readonly calls.StoredPart[];
  readonly size: number;
  readonly modified: number;
}

/** Makes the file of its parts. An answer that was lost is looked for: the file that stands there may be ours. */
export async function finish(
  parts: XmlParts,
  sent: SentUpload,
  ifRevision: string | null | undefined,
  { signal }: CallOptions,
): Promise<StoredFile> {
  const { upload, stored, size, modified } = sent;
  const { key } = upload;
  const current = (): Promise<string | null> => currentRevision(parts, key, { signal });
  const kind = 'CompleteMultipartUpload';
  return await parts.conditions.keep(kind, { ifRevision, current, signal }, async (condition) => {
    try {
      const headers = { ...condition, ...(parts.settings.sums.crc32 ? wholeSum(stored, size) : {}) };
      const revision = await calls.completeUpload(parts, upload, stored, headers, { signal });
      return revision === '' ? await headWritten(parts, key, { signal }) : { key, size, modified, revision };
    } catch (error) {
      if (!calls.isGone(error)) throw error;
      const found = await headKey(parts, key, { signal });
      if (found?.revision === calls.etagOfParts(stored) && found?.size === size) return found;
      throw new StoreError('Unavailable', { message: 'the service has lost the unfinished upload', cause: error });
    }
  });
}

/** The sum of the whole file, where that of each part is known. */
function wholeSum(stored: readonly calls.StoredPart[], size: number): HttpHeaders {
  let sum = 0;
  for (const part of stored) {
    if (part.crc32 === undefined) return {};
    sum = joinCrc32(sum, part.crc32, part.size);
  }
  return {
    'x-amz-checksum-crc32': crc32Text(sum),
    'x-amz-checksum-type': 'FULL_OBJECT',
    'x-amz-mp-object-size': String(size),
  };
}

async function sendMissing(
  parts: XmlParts,
  progress: UploadProgress,
  source: Source,
  revision: string | undefined,
  { signal }: CallOptions,
): Promise<void> {
  const { upload } = progress;
  await forEachConcurrently(progress.missing, parts.settings.parallelParts, async (part) => {
    signal?.throwIfAborted();
    const copy =
      part.copied && revision !== undefined ? await copied(parts, upload, part, revision, { signal }) : undefined;
    const slice = source.slice(part.start, part.end);
    progress.note(copy ?? (await calls.uploadPart(parts, upload, part.number, slice, { signal })), part);
  });
}

/** A part that the service copied, or undefined: it does not do that. */
async function copied(
  parts: XmlParts,
  upload: calls.Upload,
  part: Part,
  revision: string,
  options: CallOptions,
): Promise<calls.StoredPart | undefined> {
  if (!parts.learned.copiesParts) return undefined;
  try {
    return await keepSource(parts, { key: upload.key, revision }, options, (source) =>
      calls.copyPart(parts, upload, part.number, { ...source, range: part }, options),
    );
  } catch (error) {
    if (isStoreError(error, 'NotFound') && !calls.isGone(error))
      throw new StoreError('Conflict', { message: 'the file does not exist (any more)', cause: error.cause });
    if (!isStoreError(error, 'Unsupported')) throw error;
    parts.learned.copiesParts = false;
    return undefined;
  }
}

/** Whether nothing can be gone on from after a failure: the file is another now, or the upload is gone. */
function isUseless(error: unknown): boolean {
  return isStoreError(error, 'Conflict') || isUnmet(error) || calls.isGone(error);
}
