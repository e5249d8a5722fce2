import { SourceFailure } from '../../http/source-failure.ts';
import { exactStream } from '../../store/exact-stream.ts';
import type { CallOptions, Source } from '../../store/store.ts';

/** All bytes of a source, in memory. Throws what the source throws as a `SourceFailure`. */
export async function heldBytes(source: Source, { signal }: CallOptions): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(source.size);
  let at = 0;
  try {
    // Copied at once, because a source may use its buffer again.
    for await (const chunk of exactStream(source, { signal })) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new SourceFailure(error);
  }
  return bytes;
}
