import { createHash } from 'node:crypto';
import { isStoreError } from '../../../store/errors.ts';
import type { CallOptions, Resume, Source } from '../../../store/store.ts';
import { abortUpload, createUpload, type StoredPart, storedParts, type Upload } from './multipart-calls.ts';
import type { Part } from './part-plan.ts';
import { markOf, readState, type UploadState, writeState } from './upload-state.ts';
import type { XmlParts } from './xml-parts.ts';

/** What an upload is about. */
export interface UploadTask {
  readonly key: string;
  readonly source: Source;
  readonly partSize: number;
  readonly plan: readonly Part[];
  /** What the file will be. */
  readonly headers: Parameters<typeof createUpload>[2];
  /** As `UploadState` has it. */
  readonly described: string;
  readonly resume?: Resume | undefined;
}

/** The state that an earlier call saved, where it is about the same key, size and metadata. */
export function savedState(
  saved: string | undefined,
  wanted: Pick<UploadState, 'key' | 'size' | 'described'>,
): UploadState | undefined {
  const state = readState(saved);
  const isSame = state?.key === wanted.key && state.size === wanted.size && state.described === wanted.described;
  return isSame && state.partSize >= 1 ? state : undefined;
}

/**
 * An upload with the parts that the service is known to have. Each part that was sent is noted in the caller's state as soon as
 * the service has answered, so what a broken process left behind is found again. A part that stands at the service without
 * such a note (its answer was lost) is taken only if its MD5 is that of the source. Copied parts are never noted: a service that
 * does not look at the copied version may have copied another, which only the call that asked for it finds out.
 */
export class UploadProgress {
  readonly upload: Upload;
  readonly #task: UploadTask;
  readonly #stored = new Map<number, StoredPart>();
  readonly #marks: (string | undefined)[];

  private constructor(task: UploadTask, upload: Upload) {
    this.#task = task;
    this.upload = upload;
    this.#marks = task.plan.map(() => undefined);
  }

  /** Goes on with the upload of the caller's state, if the service still has it, or begins another. */
  static async begin(parts: XmlParts, task: UploadTask, options: CallOptions): Promise<UploadProgress> {
    const state = savedState(task.resume?.saved, { key: task.key, size: task.source.size, described: task.described });
    const listed = state === undefined ? undefined : await listedParts(parts, state, options);
    if (state !== undefined && listed !== undefined) {
      const progress = new UploadProgress(task, { key: task.key, uploadId: state.uploadId });
      for (const part of listed) await progress.#adopt(part, state.marks[part.number - 1]);
      progress.#save();
      return progress;
    }
    const progress = new UploadProgress(task, await createUpload(parts, task.key, task.headers, options));
    progress.#save();
    return progress;
  }

  /** The parts that are still to be sent. */
  get missing(): readonly Part[] {
    return this.#task.plan.filter(({ number }) => !this.#stored.has(number));
  }

  /** All parts, in order. */
  get stored(): readonly StoredPart[] {
    return [...this.#stored.values()].sort((a, b) => a.number - b.number);
  }

  /** The service has a part. */
  note(part: StoredPart, { copied }: Part): void {
    this.#stored.set(part.number, part);
    if (copied) return;
    this.#marks[part.number - 1] = markOf(part.etag);
    this.#save();
  }

  /** There is nothing to go on from: the file is made, or the upload given up. */
  end(): void {
    this.#task.resume?.save(undefined);
  }

  async #adopt(part: StoredPart, mark: string | undefined): Promise<void> {
    const planned = this.#task.plan[part.number - 1];
    if (planned === undefined || planned.copied || part.size !== planned.end - planned.start) return;
    const known = mark === undefined ? await this.#isSame(part, planned) : mark === markOf(part.etag);
    if (!known) return;
    this.#stored.set(part.number, part);
    this.#marks[part.number - 1] = markOf(part.etag);
  }

  async #isSame(part: StoredPart, { start, end }: Part): Promise<boolean> {
    const hash = createHash('md5');
    for await (const chunk of this.#task.source.slice(start, end).stream()) hash.update(chunk);
    return hash.digest('hex') === part.etag;
  }

  #save(): void {
    const { key, partSize, source, resume, described } = this.#task;
    if (resume === undefined) return;
    const { uploadId } = this.upload;
    resume.save(writeState({ key, uploadId, size: source.size, partSize, described, marks: this.#marks }));
  }
}

/** Gives up the upload of a state, as far as the service still has it. What cannot be given up now is found as old later. */
export async function abandon(parts: XmlParts, saved: string | undefined, { signal }: CallOptions): Promise<void> {
  const state = readState(saved);
  if (state === undefined) return;
  try {
    await abortUpload(parts, state, { signal });
  } catch (error) {
    if (!isStoreError(error)) throw error;
  }
}

/** Resuming is never a reason to fail, but an answer that did not come says nothing about the upload. */
async function listedParts(
  parts: XmlParts,
  state: UploadState,
  options: CallOptions,
): Promise<StoredPart[] | undefined> {
  try {
    return await storedParts(parts, state, options);
  } catch (error) {
    if (isStoreError(error) && !error.retryable) return undefined;
    throw error;
  }
}
