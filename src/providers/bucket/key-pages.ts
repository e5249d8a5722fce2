import type { Bucket, KeyPage, PageOptions, StoredFile } from './bucket.ts';
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

/**
 * The first page, with a key in it at least unless there is none: services may answer short pages, and even empty ones, and have
 * more. No request is needed where the prefix is longer than any key.
 */
export async function firstPage(bucket: Bucket, options: PageOptions): Promise<KeyPage> {
  if (Buffer.byteLength(options.prefix) > maxKeyBytes) return nothing;
  let page = await bucket.page(options);
  while (page.files.length + page.prefixes.length === 0 && page.next !== undefined)
    page = await bucket.page({ ...options, next: page.next });
  return page;
}

/** The first keys that begin with a prefix, `limit` of them unless there are fewer. */
export async function firstKeys(
  bucket: Bucket,
  options: PageOptions & { readonly limit: number },
): Promise<StoredFile[]> {
  const page = await firstPage(bucket, options);
  const files = [...page.files];
  for (let { next } = page; next !== undefined && files.length < options.limit; ) {
    const more = await bucket.page({ ...options, next });
    files.push(...more.files);
    next = more.next;
  }
  return files;
}
