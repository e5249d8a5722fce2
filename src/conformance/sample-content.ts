import type { Source } from '../store/store.ts';

/** `size` bytes without a visible pattern, the same for the same seed (xorshift32, Marsaglia 2003). */
export function sampleBytes(size: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** A source that claims `size` bytes, and whose every stream is one call of `stream`. */
export function streamingSource(size: number, stream: () => AsyncIterable<Uint8Array>): Source {
  const slice = (start: number, end: number): Source =>
    streamingSource(Math.max(0, end - start), () => part(stream(), start, end));
  return { size, slice, stream };
}

async function* part(chunks: AsyncIterable<Uint8Array>, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of chunks) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    if (piece.length > 0) yield piece;
    if (at >= end) return;
  }
}
