import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { StoreError } from '../../store/errors.ts';
import { type LocalCall, localError } from './local-errors.ts';

const chunkBytes = 1 << 18;

/** What a body reads: an open file, which it closes, as it was when it was opened. */
export interface LocalBodyOptions {
  readonly file: FileHandle;
  readonly stats: BigIntStats;
  readonly start: number;
  readonly end: number;
  readonly call: LocalCall;
  readonly signal: AbortSignal | undefined;
}

/**
 * The bytes of an open file, once. A replaced or deleted file is still read to its end; one that was changed in place meanwhile
 * throws `Corrupt`. The file is closed at the end, when the reader leaves, and by the signal or `end` even if nobody reads.
 */
export class LocalBody implements AsyncIterable<Uint8Array> {
  readonly #options: LocalBodyOptions;
  readonly #onEnd: (body: LocalBody) => void;
  readonly #abort = (): void => void this.end();
  #iterated = false;
  #ended: Promise<void> | undefined;

  constructor(options: LocalBodyOptions, onEnd: (body: LocalBody) => void) {
    this.#options = options;
    this.#onEnd = onEnd;
    options.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Closes the file; reading on then throws `Unavailable`, or the reason of the signal. */
  end(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#iterated) throw new TypeError('a body can be read once');
    this.#iterated = true;
    const { start, end, call } = this.#options;
    try {
      for (let at = start; at < end; ) {
        const chunk = await this.#read(at, Math.min(chunkBytes, end - at));
        at += chunk.length;
        yield chunk;
      }
      this.#assertOpen();
      await this.#assertUnchanged();
    } catch (error) {
      throw localError(error, call);
    } finally {
      await this.end();
    }
  }

  async #read(at: number, length: number): Promise<Uint8Array> {
    this.#assertOpen();
    const chunk = new Uint8Array(length);
    const { bytesRead } = await this.#options.file.read(chunk, 0, length, at);
    this.#options.signal?.throwIfAborted();
    if (bytesRead === 0) throw this.#error('Corrupt', 'the file became shorter while it was read');
    return chunk.subarray(0, bytesRead);
  }

  async #assertUnchanged(): Promise<void> {
    const { file, stats } = this.#options;
    const { mtimeNs, size } = await file.stat({ bigint: true });
    if (mtimeNs !== stats.mtimeNs || size !== stats.size) {
      throw this.#error('Corrupt', 'the file was changed while it was read');
    }
  }

  #assertOpen(): void {
    this.#options.signal?.throwIfAborted();
    if (this.#ended !== undefined) throw this.#error('Unavailable', 'the store was closed');
  }

  async #close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#onEnd(this);
    await this.#options.file.close();
  }

  #error(code: 'Corrupt' | 'Unavailable', message: string): StoreError {
    return new StoreError(code, { ...this.#options.call, message });
  }
}
