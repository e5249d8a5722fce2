/**
 * A resumable upload, chunk by chunk. `offset` bytes are kept at Google, and `crc` is their checksum; both are saved after each
 * chunk, so that a restart asks Google, reads at the most one chunk again for the checksum, and goes on. The file appears with
 * the last chunk, which carries the checksum of the whole: what arrives damaged never becomes visible.
 */
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Resume } from '../../store/store.ts';
import { encodeCrc32c } from './crc32c.ts';
import { filesPath } from './google-call.ts';
import { type GoogleClient, sendingDeadline } from '../google/google-client.ts';
import { type FileResource, fileFields } from './google-resource.ts';
import type { Upload } from './google-upload.ts';
import { SummedSource, sumOf } from './summed-source.ts';
import {
  askSession,
  beginSession,
  cancelSession,
  isSessionAt,
  SessionLost,
  type SessionPath,
  type SessionStart,
  type SessionState,
  sendChunk,
} from '../google/google-session.ts';

/** Chunks that are not the last are multiples of this. */
const quantum = 256 << 10;
const smallestChunk = 16 << 20;
const largestChunk = 128 << 20;
const sessionsAtMost = 3;

/** An upload that may outlive the process. */
export interface LargeUpload extends Upload {
  /** Names the conditions of the upload: a session goes on only under the same ones. */
  readonly conditions: string;
  readonly resume?: Resume | undefined;
}

/** What is saved. */
interface SavedUpload {
  readonly session: SessionPath;
  readonly key: string;
  readonly size: number;
  readonly conditions: string;
  readonly offset: number;
  readonly crc: number;
}

/** Writes a large file. Goes on where an earlier call ended, and gives up what is no longer wanted. */
export async function uploadLarge(client: GoogleClient, upload: LargeUpload): Promise<FileResource> {
  const { resume, signal } = upload;
  const obsolete = parseSaved(upload, resume?.obsolete);
  if (obsolete !== undefined) await cancelSession(client, obsolete.session, { signal });
  let saved = parseSaved(upload, resume?.saved);
  if (saved !== undefined && !fits(saved, upload)) {
    await cancelSession(client, saved.session, { signal });
    saved = undefined;
  }
  for (let sessions = 1; ; sessions++) {
    try {
      return await new LargeUploading(client, upload).run(saved);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      resume?.save(undefined);
      saved = undefined;
      if (sessions === sessionsAtMost) {
        throw new StoreError('Unavailable', { message: 'Google lost the upload, again and again', cause: error });
      }
    }
  }
}

/** The key that a saved upload is for. */
export function savedKey(upload: Upload, state: string | undefined): string | undefined {
  return parseSaved(upload, state)?.key;
}

/** Gives up an upload that was saved, where there is nothing to upload in its stead. */
export async function giveUp(client: GoogleClient, upload: Upload, state: string | undefined): Promise<void> {
  const saved = parseSaved(upload, state);
  if (saved !== undefined) await cancelSession(client, saved.session, upload);
}

class LargeUploading {
  readonly #client: GoogleClient;
  readonly #upload: LargeUpload;
  readonly #size: number;
  #session: SessionPath = '';
  #offset = 0;
  #crc = 0;

  constructor(client: GoogleClient, upload: LargeUpload) {
    this.#client = client;
    this.#upload = upload;
    this.#size = upload.source.size;
  }

  async run(saved: SavedUpload | undefined): Promise<FileResource> {
    let file = saved === undefined ? await this.#begin() : await this.#goOn(saved);
    try {
      while (file === undefined) file = await this.#step();
      await this.#assertSum(file);
    } catch (error) {
      await this.#ended(error);
      throw error;
    }
    this.#upload.resume?.save(undefined);
    return file;
  }

  async #begin(): Promise<undefined> {
    this.#session = await beginSession(this.#client, startOf(this.#upload));
    this.#save();
  }

  async #goOn({ session, offset, crc }: SavedUpload): Promise<FileResource | undefined> {
    [this.#session, this.#offset, this.#crc] = [session, offset, crc];
    return await this.#client.retrying(this.#upload, () => this.#ask());
  }

  /** One chunk, or as much of it as Google keeps. */
  async #step(): Promise<FileResource | undefined> {
    const before = this.#offset;
    const work = async (attempt: number): Promise<FileResource | undefined> => {
      if (attempt > 1) {
        const file = await this.#ask();
        if (file !== undefined || this.#offset > before) return file;
      }
      return await this.#send();
    };
    // What was refused because it arrived damaged would be kept by the session.
    const mayRepeat = ({ code }: StoreError): boolean => code !== 'Corrupt';
    return await this.#client.retrying(this.#upload, work, { deadline: sendingDeadline, mayRepeat });
  }

  async #send(): Promise<FileResource | undefined> {
    const { source, signal } = this.#upload;
    const start = this.#offset;
    const end = Math.min(this.#size, start + chunkBytes(this.#size));
    const part = source.slice(start, end);
    const isLast = end === this.#size;
    const sum = isLast ? encodeCrc32c(await sumOf(part, this.#crc, { signal })) : undefined;
    const summed = new SummedSource(part, this.#crc);
    const chunk = { source: summed, start, size: this.#size, sum };
    const state = await sendChunk<FileResource>(this.#client, this.#session, chunk, { signal });
    if ('kept' in state && state.kept === end) {
      [this.#offset, this.#crc] = [end, summed.crc];
      this.#save();
      return undefined;
    }
    if ('file' in state) this.#crc = summed.crc;
    else if (state.kept <= start)
      throw new StoreError('Unavailable', { message: 'Google kept nothing of what was sent' });
    return await this.#found(state);
  }

  async #ask(): Promise<FileResource | undefined> {
    const state = await askSession<FileResource>(this.#client, this.#session, this.#size, this.#upload);
    if ('file' in state) this.#crc = await this.#sumUpTo(this.#size);
    return await this.#found(state);
  }

  async #found(state: SessionState<FileResource>): Promise<FileResource | undefined> {
    if ('file' in state) return state.file;
    if (state.kept !== this.#offset) {
      this.#crc = await this.#sumUpTo(state.kept);
      this.#offset = state.kept;
      this.#save();
    }
    return undefined;
  }

  /** The checksum of the first bytes; only those behind `offset` are read, unless Google has kept less. */
  async #sumUpTo(end: number): Promise<number> {
    const [start, before] = end >= this.#offset ? [this.#offset, this.#crc] : [0, 0];
    return await sumOf(this.#upload.source.slice(start, end), before, this.#upload);
  }

  /** Google refuses what does not fit the checksum; should it not have looked, the file is taken away again. */
  async #assertSum({ crc32c, size, generation }: FileResource): Promise<void> {
    if (crc32c === encodeCrc32c(this.#crc) && Number(size) === this.#size) return;
    const { bucket, key, signal } = this.#upload;
    const query = { ifGenerationMatch: generation };
    const path = filesPath(bucket, key);
    await this.#client.done({ operation: 'objects.delete', method: 'DELETE', path, query, accept: [404, 412], signal });
    throw new StoreError('Corrupt', { message: 'what Google keeps is not what was sent' });
  }

  #save(): void {
    const { key, conditions, resume } = this.#upload;
    const [session, size, offset, crc] = [this.#session, this.#size, this.#offset, this.#crc];
    resume?.save(JSON.stringify({ session, key, size, conditions, offset, crc } satisfies SavedUpload));
  }

  /** What may go on is left alone; the rest is given up, behind the back of a call that was aborted. */
  async #ended(error: unknown): Promise<void> {
    const { resume, signal } = this.#upload;
    if (error instanceof SessionLost) return;
    if (resume !== undefined && !(isStoreError(error) && finalCodes.has(error.code))) return;
    resume?.save(undefined);
    const cancelled = cancelSession(this.#client, this.#session, {});
    if (signal?.aborted !== true) await cancelled;
  }
}

/** How Cloud Storage begins it. */
function startOf({ bucket, key, source, description, precondition, signal }: LargeUpload): SessionStart {
  return {
    operation: 'objects.insert',
    method: 'POST',
    path: `/upload${filesPath(bucket)}`,
    query: { fields: fileFields, ...precondition },
    description: { ...description, name: key },
    contentType: String(description['contentType']),
    size: source.size,
    signal,
  };
}

/** Failures after which the session leads nowhere. */
const finalCodes: ReadonlySet<string> = new Set([
  'Conflict',
  'Corrupt',
  'InvalidPath',
  'NotFound',
  'TooLarge',
  'Unsupported',
]);

/** About 64 chunks for each file, within limits: each costs a round trip, and the bytes of one may have to be sent again. */
function chunkBytes(size: number): number {
  const wanted = Math.ceil(size / 64 / quantum) * quantum;
  return Math.min(largestChunk, Math.max(smallestChunk, wanted));
}

function fits({ key, size, conditions, offset }: SavedUpload, upload: LargeUpload): boolean {
  return key === upload.key && size === upload.source.size && conditions === upload.conditions && offset <= size;
}

/** What was saved, or undefined for what is none of ours. */
function parseSaved({ bucket }: Upload, text: string | undefined): SavedUpload | undefined {
  let value: Partial<Record<keyof SavedUpload, unknown>> | null;
  try {
    value = JSON.parse(text ?? 'null') as typeof value;
  } catch {
    return undefined;
  }
  const isNumber = (number: unknown): boolean => Number.isSafeInteger(number) && (number as number) >= 0;
  const isSaved =
    typeof value?.session === 'string' &&
    typeof value.key === 'string' &&
    typeof value.conditions === 'string' &&
    isNumber(value.size) &&
    isNumber(value.offset) &&
    isNumber(value.crc) &&
    isSessionAt(`/upload${filesPath(bucket)}`, value.session);
  return isSaved ? (value as SavedUpload) : undefined;
}
