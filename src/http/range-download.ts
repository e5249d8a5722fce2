import { abortable } from '../store/abortable.ts';
import { StoreError } from '../store/errors.ts';

/**
 * Opens the bytes from `start` up to but without `end`. Its signal is aborted when the download fails, is aborted, or is left early.
 */
export type OpenRange = (start: number, end: number, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

/** One range that is downloaded into memory from the start on, and read from there while it comes. */
export class RangeDownload {
  readonly #signal: AbortSignal;
  #chunks: Uint8Array[] = [];
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(openRange: OpenRange, start: number, end: number, signal: AbortSignal) {
    this.#signal = signal;
    this.#run(openRange, start, end).then(
      () => this.#end(undefined),
      (error: unknown) => this.#end({ error }),
    );
  }

  /** Throws what the download failed with after what came before; aborted, `signal.reason` at once. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      for (const chunk of chunks) {
        this.#signal.throwIfAborted();
        yield chunk;
      }
      this.#signal.throwIfAborted();
      if (this.#chunks.length > 0) continue;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isOver) return;
      await this.#change();
    }
  }

  async #run(openRange: OpenRange, start: number, end: number): Promise<void> {
    const size = end - start;
    let received = 0;
    for await (const chunk of abortable(await openRange(start, end, this.#signal), this.#signal)) {
      received += chunk.length;
      if (received > size) throw wrongSize('Corrupt', start, end, 'more');
      this.#chunks.push(chunk);
      this.#tell();
    }
    if (received < size) throw wrongSize('Unavailable', start, end, `only ${received} bytes`);
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.#isOver = true;
    this.#failure = failure;
    this.#tell();
  }

  async #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#signal.addEventListener('abort', this.#tell, { once: true });
    await promise;
    this.#signal.removeEventListener('abort', this.#tell);
  }

  readonly #tell = (): void => {
    this.#wake?.();
    this.#wake = undefined;
  };
}

function wrongSize(code: 'Corrupt' | 'Unavailable', start: number, end: number, what: string): StoreError {
  return new StoreError(code, { message: `${what} came for the bytes ${start} to ${end}` });
}
