import { type OpenRange, RangeDownload } from './range-download.ts';

/** Options of `parallelBody`: the bytes from `start` up to but without `end`. */
export interface ParallelBodyOptions {
  readonly start: number;
  readonly end: number;
  /** Bytes that one request asks for. */
  readonly rangeBytes: number;
  /** Requests at once. No more than `concurrency` times `rangeBytes` bytes are in memory. */
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bytes that are downloaded by several requests at once and handed on in their order, each piece as soon as its turn comes. A
 * range that fails throws what it failed with after the bytes before it; one that is not as long as it should throws `Unavailable`
 * or `Corrupt`. An abort throws `signal.reason` at once.
 */
export async function* parallelBody(openRange: OpenRange, options: ParallelBodyOptions): AsyncGenerator<Uint8Array> {
  const { end, rangeBytes, concurrency, signal } = options;
  if (!(rangeBytes >= 1 && concurrency >= 1)) throw new RangeError('a parallel download needs ranges and requests');
  signal?.throwIfAborted();
  const stop = new AbortController();
  const downloads: RangeDownload[] = [];
  let next = options.start;
  const fill = (): void => {
    for (; next < end && downloads.length < concurrency; next += rangeBytes)
      downloads.push(new RangeDownload(openRange, next, Math.min(end, next + rangeBytes), stop.signal));
  };
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    fill();
    for (let first = downloads[0]; first !== undefined; first = downloads[0]) {
      yield* first.chunks();
      downloads.shift();
      fill();
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.abort(new Error('the download is over'));
  }
}
