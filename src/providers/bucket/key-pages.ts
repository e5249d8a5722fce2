import type { Bucket, KeyPage, PageOptions } from './bucket.ts';
import { maxKeyBytes } from './bucket-keys.ts';

const nothing: KeyPage = { files: [], prefixes: [] };

/**
 * All pages of a listing, the next one asked for while the current one is used: two are in memory at the most. `prepare` is done
 * to each page as soon as it has come. Leaving early aborts what is under way.
 */
export async function* keyPages(
  bucket: Bucket,
  options: PageOptions,
  prepare: (page: KeyPage, signal: AbortSignal) => Promise<void> = async () => {},
): AsyncGenerator<KeyPage> {
  const leaving = new AbortController();
  const signal = options.signal === undefined ? leaving.signal : AbortSignal.any([options.signal, leaving.signal]);
  const prepared = async (page: Promise<KeyPage>): Promise<KeyPage> => {
    await prepare(await page, signal);
    return page;
  };
  try {
    let coming = prepared(firstPage(bucket, { ...options, signal }));
    for (;;) {
      const page = await coming;
      if (page.next !== undefined) {
        coming = prepared(bucket.page({ ...options, next: page.next, signal }));
        // Its failure is thrown when its turn has come, and nobody is told of it when that never comes.
        coming.catch(() => {});
      }
      options.signal?.throwIfAborted();
      yield page;
      if (page.next === undefined) return;
    }
  } finally {
    leaving.abort();
  }
}

/** A bucket's page; no request is needed where the prefix is longer than any key. */
export async function firstPage(bucket: Bucket, options: PageOptions): Promise<KeyPage> {
  return Buffer.byteLength(options.prefix) > maxKeyBytes ? nothing : bucket.page(options);
}
