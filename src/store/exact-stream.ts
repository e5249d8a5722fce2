import { abortable } from './abortable.ts';
import { StoreError } from './errors.ts';
import type { CallOptions, Source } from './store.ts';

/** What aborts the stream, and the call that an error names. */
export interface ExactStreamCall extends CallOptions {
  readonly operation?: string | undefined;
  readonly path?: string | undefined;
  readonly store?: string | undefined;
}

/**
 * The bytes of a source, exactly `source.size` of them: one that delivers more or fewer throws `Corrupt`, before the surplus is
 * passed on. Aborted, it throws `signal.reason` at once. Empty chunks are left out.
 */
export async function* exactStream(source: Source, call: ExactStreamCall = {}): AsyncGenerator<Uint8Array> {
  let delivered = 0;
  for await (const chunk of abortable(source.stream(), call.signal)) {
    delivered += chunk.length;
    if (delivered > source.size) throw wrongSize(source, 'more', call);
    if (chunk.length > 0) yield chunk;
  }
  if (delivered < source.size) throw wrongSize(source, `only ${delivered}`, call);
}

/** Throws a `TypeError` unless `source` says how large it is: a whole number of bytes, 0 or more. */
export function assertSource(source: Source): void {
  if (!Number.isSafeInteger(source.size) || source.size < 0) {
    throw new TypeError(`a source has a size of whole bytes, not ${source.size}`);
  }
}

function wrongSize({ size }: Source, delivered: string, { operation, path, store }: ExactStreamCall): StoreError {
  const message = `the source promised ${size} bytes and delivered ${delivered}`;
  return new StoreError('Corrupt', { operation, path, store, message });
}
