/**
 * Listings of keys that nobody stored, at the loopback server: `many/` and `slow/` of 100,000 keys, and `tree/` of 1,000
 * directories with 1,000 keys each.
 */

/** Of everything. It is no MD5, so nobody compares it with one. */
export const etag = '"0123456789abcdef0123456789abcdef-1"';

/** Most keys of an answer, as at Amazon. */
export const keysOnPage = 1000;

const quoted = etag.replaceAll('"', '&quot;');
const pagesOfMany = 100;
const directoriesOfTree = 1000;
const pages: Readonly<Record<string, readonly Buffer[]>> = { 'many/': pagesOf('many/'), 'slow/': pagesOf('slow/') };
const directories: Readonly<Record<string, readonly string[]>> = {
  '': ['many/', 'slow/', 'tree/'],
  'tree/': Array.from({ length: directoriesOfTree }, (_, i) => `tree/directory-${String(i).padStart(4, '0')}/`),
};

/** A key in a listing. */
export interface ListedKey {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
}

/** A page of a made listing; undefined where nothing is made. */
export function madePage(prefix: string, page: number): Buffer | undefined {
  if (/^tree\/directory-\d{4}\/$/.test(prefix)) return Buffer.from(listing(prefix, namesOn(prefix, 0), undefined));
  return pages[prefix]?.[page];
}

/** The directories that are made in a directory. */
export function madeDirectories(prefix: string): readonly string[] {
  return directories[prefix] ?? [];
}

/** The answer of ListObjectsV2. */
export function listing(
  prefix: string,
  keys: readonly ListedKey[],
  next: string | undefined,
  below: readonly string[] = [],
): string {
  const contents = keys.map(
    ({ key, size }) =>
      `<Contents><Key>${key}</Key><LastModified>2025-11-01T00:00:00.000Z</LastModified><ETag>${quoted}</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const prefixes = below.map((name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`);
  const more = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name><Prefix>${prefix}</Prefix>${more}<KeyCount>${keys.length + below.length}</KeyCount><MaxKeys>${keysOnPage}</MaxKeys><EncodingType>url</EncodingType><IsTruncated>${next !== undefined}</IsTruncated>${contents.join('')}${prefixes.join('')}</ListBucketResult>`;
}

function pagesOf(prefix: string): Buffer[] {
  return Array.from({ length: pagesOfMany }, (_, page) =>
    Buffer.from(listing(prefix, namesOn(prefix, page), page === pagesOfMany - 1 ? undefined : String(page + 1))),
  );
}

function namesOn(prefix: string, page: number): ListedKey[] {
  return Array.from({ length: keysOnPage }, (_, index) => ({
    key: `${prefix}key-${String(page * keysOnPage + index).padStart(8, '0')}`,
    size: 4096,
  }));
}
