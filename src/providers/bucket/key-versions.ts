import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../store/store.ts';
import type { Bucket, StoredFile } from './bucket.ts';
import { justBefore } from './known-directories.ts';
import { compareKeys } from './key-order.ts';

const directoriesAtOnce = 8;
const looksAtOnce = 16;
/** A page that tells of fewer of the keys than this is not worth more than a look at each. */
const worthAPage = 4;

/** What stands under keys now, in few requests: pages where the keys lie close to each other, `head` where they do not. */
export async function findVersions(
  bucket: Bucket,
  keys: readonly string[],
  { signal }: CallOptions,
): Promise<Map<string, StoredFile>> {
  const found = new Map<string, StoredFile>();
  const groups = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/') + 1));
  await forEachConcurrently(groups, directoriesAtOnce, async ([prefix, group]) => {
    const left = await findInPages(bucket, prefix, group.toSorted(compareKeys), found, { signal });
    await forEachConcurrently(left, looksAtOnce, async (key) => {
      const file = await bucket.head(key, { signal });
      if (file !== undefined) found.set(key, file);
    });
  });
  return found;
}

/** Pages of one directory, each from the next key on that is looked for. Answers what was not worth a page. */
async function findInPages(
  bucket: Bucket,
  prefix: string,
  sorted: readonly string[],
  found: Map<string, StoredFile>,
  { signal }: CallOptions,
): Promise<readonly string[]> {
  let at = 0;
  while (sorted.length - at >= worthAPage) {
    const first = sorted[at] ?? '';
    const after = justBefore(prefix, first.slice(prefix.length));
    const { files, prefixes, next } = await bucket.page({ prefix, grouped: true, after: after || undefined, signal });
    const shown = new Map(files.map((file) => [file.key, file]));
    const [lastFile, lastPrefix] = [files.at(-1)?.key ?? '', prefixes.at(-1) ?? ''];
    const last = compareKeys(lastFile, lastPrefix) > 0 ? lastFile : lastPrefix;
    const begin = at;
    for (; at < sorted.length; at++) {
      const key = sorted[at] ?? '';
      if (next !== undefined && compareKeys(key, last) > 0) break;
      const file = shown.get(key);
      if (file !== undefined) found.set(key, file);
    }
    if (at - begin < worthAPage) break;
  }
  return sorted.slice(at);
}
