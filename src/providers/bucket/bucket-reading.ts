import { callError, type ServiceCall } from '../../http/service-call.ts';
import { StoreError } from '../../store/errors.ts';
import { assertRange, rangeOf } from '../../store/range.ts';
import type { Download, ReadOptions } from '../../store/store.ts';
import type { Bucket, StoredFile } from './bucket.ts';
import { bodyInParts, bodyReadOn } from './bucket-body.ts';
import type { BucketKeys } from './bucket-keys.ts';
import { fileEntry } from './bucket-listing.ts';
import { type EmptyFiles, isFolderMarker } from './empty-files.ts';
import type { Standings } from './standing.ts';

/** Sizes of large downloads, in bytes. */
export interface LargeReads {
  /** Reads of at least so many bytes are made in parts. */
  readonly from: number;
  readonly partBytes: number;
}

/**
 * Opens files. A body that breaks off is read on, and a large one in several parts at once: here, so that every `Bucket` has it.
 * Of parts only the lengths are checked, a sum over all bytes can be compared by the `Bucket` where it delivers all of them.
 */
export class BucketReading {
  readonly #bucket: Bucket;
  readonly #keys: BucketKeys;
  readonly #empties: EmptyFiles;
  readonly #standings: Standings;

  readonly #large: LargeReads;

  constructor(bucket: Bucket, keys: BucketKeys, empties: EmptyFiles, standings: Standings, large: LargeReads) {
    this.#large = large;
    this.#bucket = bucket;
    this.#keys = keys;
    this.#empties = empties;
    this.#standings = standings;
  }

  /** As `Store.read`. A file that a directory hides is read too; only where there is no file, the directory is looked for. */
  async read(path: string, options: ReadOptions, call: ServiceCall): Promise<Download> {
    assertRange(options);
    if (path === '/') throw new StoreError('IsADirectory', { path });
    const download = options.length === 0 ? await this.#nothing(path, options) : await this.#bytes(path, options);
    if (download === undefined) throw await this.#notAFile(path, options);
    return { entry: fileEntry(path, download.file), body: told(download.body, call) };
  }

  async #bytes(path: string, options: ReadOptions): Promise<Opened | undefined> {
    const download = await this.#bucket.get(this.#keys.file(path), options);
    if (download === undefined) return undefined;
    if (this.#isFile(download.file)) return { file: download.file, body: this.#wholeBody(download, options) };
    for await (const _ of download.body);
    return undefined;
  }

  #wholeBody({ file, body }: Opened, options: ReadOptions): AsyncIterable<Uint8Array> {
    const wanted = { file, ...rangeOf(options, file.size), signal: options.signal };
    if (wanted.end - wanted.start < this.#large.from) return bodyReadOn(this.#bucket, body, wanted);
    return bodyInParts(this.#bucket, body, wanted, this.#large.partBytes);
  }

  /** No service knows how to ask for no byte at all. */
  async #nothing(path: string, { ifRevision, signal }: ReadOptions): Promise<Opened | undefined> {
    const file = await this.#standings.file(path, { signal });
    if (file === undefined) return undefined;
    if (ifRevision !== undefined && file.revision !== ifRevision) throw new StoreError('Conflict', { path });
    return { file, body: none() };
  }

  #isFile(file: StoredFile): boolean {
    return !isFolderMarker(file) && this.#empties.marksDirectory(file) !== true;
  }

  async #notAFile(path: string, { signal }: ReadOptions): Promise<StoreError> {
    const { kind } = await this.#standings.at(path, { signal });
    return new StoreError(kind === 'directory' ? 'IsADirectory' : 'NotFound', { path });
  }
}

interface Opened {
  readonly file: StoredFile;
  readonly body: AsyncIterable<Uint8Array>;
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** Failures of the body name the call that opened it. */
async function* told(body: AsyncIterable<Uint8Array>, call: ServiceCall): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw callError(error, call);
  }
}
