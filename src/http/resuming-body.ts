import { abortable } from '../store/abortable.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { Patience, type RetryOptions } from './patience.ts';

/** Options of `resumingBody`. */
export interface ResumingBodyOptions extends RetryOptions {
  /** Bytes from offset 0 to the end. */
  readonly size: number;
}

/**
 * Exactly `size` bytes. When the stream breaks halfway with a `retryable` failure, or ends too early, it is opened again at the
 * offset reached, after a pause; attempts and deadline count from the last byte that came. `Corrupt` is thrown without another
 * attempt; also when more bytes come than were promised. An abort throws `signal.reason` at once.
 *
 * `open` must answer with the same content each time: name its revision in the request.
 */
export async function* resumingBody(
  open: (offset: number) => Promise<AsyncIterable<Uint8Array>>,
  options: ResumingBodyOptions,
): AsyncGenerator<Uint8Array> {
  const { size, signal } = options;
  const patience = new Patience(options);
  let offset = 0;
  while (offset < size) {
    try {
      for await (const chunk of abortable(await open(offset), signal)) {
        if (chunk.length === 0) continue;
        offset += chunk.length;
        if (offset > size) break;
        patience.progress();
        yield chunk;
      }
      if (offset < size) throw endedEarly(offset, size);
    } catch (error) {
      // What is wrong with bytes that were handed on, or with all of them together, other bytes cannot mend.
      if (offset >= size || isStoreError(error, 'Corrupt')) throw signal?.aborted === true ? signal.reason : error;
      await patience.afterFailure(error);
    }
  }
  if (offset > size)
    throw new StoreError('Corrupt', { message: `more came than the ${size} bytes that were promised` });
}

function endedEarly(offset: number, size: number): StoreError {
  return new StoreError('Unavailable', { message: `only ${offset} of ${size} bytes came` });
}
