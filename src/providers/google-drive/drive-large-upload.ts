/**
 * A resumable upload, chunk by chunk (https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable). The session is
 * saved after each chunk with the checksum up to there; what goes on asks Drive how far it is, and reads at the most one chunk again.
 */
import { SavableHash } from '../../http/savable-hash.ts';
import { SourceFailure } from '../../http/source-failure.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { exactStream } from '../../store/exact-stream.ts';
import type { Resume, Source } from '../../store/store.ts';
import { sendingDeadline } from '../google/google-client.ts';
import {
  askSession,
  beginSession,
  cancelSession,
  sendChunk,
  SessionLost,
  type SessionPath,
  type SessionState,
} from '../google/google-session.ts';
import { allDrives, type DriveCalls, filesPath, pathOf } from './drive-calls.ts';
import { type DriveFile, fileFields, soundFile } from './drive-file.ts';
import { contentType, type DriveUpload } from './drive-upload.ts';
import { copyOf, HashedSource } from './hashed-source.ts';
import { isUploadSession, parseSaved, type SavedUpload } from './saved-upload.ts';
import { assertSum } from './upload-check.ts';

/** Chunks that are not the last are multiples of 256 KiB; each costs a round trip, and a broken one is sent again. */
const chunkBytes = 16 << 20;
const sessionsAtMost = 3;

/** An upload that may outlive the process. */
export interface LargeUpload extends DriveUpload {
  /** Names the upload: a session goes on only under the same one. */
  readonly conditions: string;
  readonly resume?: Resume | undefined;
}

/** Writes a large file. Goes on where an earlier call ended. */
export async function uploadLarge(calls: DriveCalls, upload: LargeUpload): Promise<DriveFile> {
  let begun = await begunBefore(calls, upload);
  for (let sessions = 1; ; sessions++) {
    try {
      const hash = begun?.hash ?? (await SavableHash.make('md5'));
      return await new LargeUploading(calls, upload, hash).run(begun?.saved);
    } catch (error) {
      if (!(error instanceof SessionLost)) throw error;
      upload.resume?.save(undefined);
      begun = undefined;
      if (sessions === sessionsAtMost)
        throw new StoreError('Unavailable', { message: 'Drive lost the upload, again and again', cause: error });
    }
  }
}

/** What may go on of an earlier call; what may not is given up. */
async function begunBefore(
  { client }: DriveCalls,
  upload: LargeUpload,
): Promise<{ readonly saved: SavedUpload; readonly hash: SavableHash } | undefined> {
  const saved = parseSaved(upload.resume?.saved);
  if (saved === undefined) return undefined;
  const hash = await SavableHash.from('md5', saved.state);
  if (hash !== undefined && fits(saved, upload)) return { saved, hash };
  await cancelSession(client, saved.session, upload);
  return undefined;
}

/** Gives up an upload that was saved. */
export async function giveUp(calls: DriveCalls, state: string | undefined, options: DriveUpload): Promise<void> {
  const saved = parseSaved(state);
  if (saved !== undefined) await cancelSession(calls.client, saved.session, options);
}

class LargeUploading {
  readonly #calls: DriveCalls;
  readonly #upload: LargeUpload;
  readonly #source: Source;
  #session: SessionPath = '';
  #offset = 0;
  /** Of all bytes before `#offset`. */
  #hash: SavableHash;

  constructor(calls: DriveCalls, upload: LargeUpload, hash: SavableHash) {
    this.#calls = calls;
    this.#upload = upload;
    this.#source = upload.source;
    this.#hash = hash;
  }

  async run(saved: SavedUpload | undefined): Promise<DriveFile> {
    const { client } = this.#calls;
    let file: DriveFile | undefined;
    if (saved === undefined) await this.#begin();
    else {
      [this.#session, this.#offset] = [saved.session, saved.offset];
      file = await client.retrying(this.#upload, () => this.#ask());
    }
    try {
      while (file === undefined) file = await this.#step();
      await assertSum(this.#calls, this.#upload, file, this.#hash.digest());
    } catch (error) {
      await this.#ended(error);
      throw error;
    }
    this.#upload.resume?.save(undefined);
    return file;
  }

  async #begin(): Promise<void> {
    const { existing, description, signal } = this.#upload;
    const id = existing ?? (await this.#calls.newId({ signal }));
    const isNew = existing === undefined;
    this.#session = await beginSession(this.#calls.client, {
      operation: isNew ? 'files.create' : 'files.update',
      method: isNew ? 'POST' : 'PATCH',
      path: `/upload${isNew ? filesPath : pathOf(id)}`,
      query: { fields: fileFields, ...allDrives },
      description: isNew ? { ...description, id } : description,
      contentType,
      size: this.#source.size,
      signal,
    });
    if (!isUploadSession(this.#session))
      throw new StoreError('Unavailable', { message: 'Drive began the upload somewhere else' });
    this.#save();
  }

  /** One chunk, or as much of it as Drive keeps. */
  async #step(): Promise<DriveFile | undefined> {
    const before = this.#offset;
    const work = async (attempt: number): Promise<DriveFile | undefined> => {
      if (attempt > 1) {
        const file = await this.#ask();
        if (file !== undefined || this.#offset > before) return file;
      }
      return await this.#send();
    };
    return await this.#calls.client.retrying(this.#upload, work, { deadline: sendingDeadline });
  }

  async #send(): Promise<DriveFile | undefined> {
    const { size } = this.#source;
    const start = this.#offset;
    const end = Math.min(size, start + chunkBytes);
    const part = new HashedSource(this.#source.slice(start, end), this.#hash);
    const state = await sendChunk<DriveFile>(
      this.#calls.client,
      this.#session,
      { source: part, start, size },
      this.#upload,
    );
    if ('file' in state || state.kept === end) {
      [this.#offset, this.#hash] = [end, part.hash];
      this.#save();
      return 'file' in state ? soundFile(state.file) : undefined;
    }
    if (state.kept <= start) throw new StoreError('Unavailable', { message: 'Drive kept nothing of what was sent' });
    return await this.#found(state);
  }

  async #ask(): Promise<DriveFile | undefined> {
    return await this.#found(
      await askSession<DriveFile>(this.#calls.client, this.#session, this.#source.size, this.#upload),
    );
  }

  async #found(state: SessionState<DriveFile>): Promise<DriveFile | undefined> {
    const end = 'file' in state ? this.#source.size : state.kept;
    if (end < this.#offset) [this.#offset, this.#hash] = [0, await SavableHash.make('md5')];
    await this.#hashUpTo(end);
    this.#save();
    return 'file' in state ? soundFile(state.file) : undefined;
  }

  async #hashUpTo(end: number): Promise<void> {
    const { signal } = this.#upload;
    const hash = await copyOf(this.#hash);
    try {
      for await (const chunk of exactStream(this.#source.slice(this.#offset, end), { signal })) hash.update(chunk);
    } catch (error) {
      signal?.throwIfAborted();
      throw new SourceFailure(error);
    }
    [this.#offset, this.#hash] = [end, hash];
  }

  #save(): void {
    const { conditions, resume } = this.#upload;
    const { state } = this.#hash;
    const [session, size, offset] = [this.#session, this.#source.size, this.#offset];
    resume?.save(JSON.stringify({ session, size, conditions, offset, state } satisfies SavedUpload));
  }

  /** What may go on is left alone; the rest is given up, behind the back of a call that was aborted. */
  async #ended(error: unknown): Promise<void> {
    const { resume, signal } = this.#upload;
    if (error instanceof SessionLost) return;
    if (resume !== undefined && !(isStoreError(error) && finalCodes.has(error.code))) return;
    resume?.save(undefined);
    const cancelled = cancelSession(this.#calls.client, this.#session, {});
    if (signal?.aborted !== true) await cancelled;
  }
}

/** Failures after which the session leads nowhere. */
const finalCodes: ReadonlySet<string> = new Set(['Conflict', 'Corrupt', 'NotFound', 'TooLarge', 'Unsupported']);

function fits({ size, conditions }: SavedUpload, upload: LargeUpload): boolean {
  return size === upload.source.size && conditions === upload.conditions;
}
