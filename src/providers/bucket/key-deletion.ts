import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../store/store.ts';
import type { Bucket, StoredFile } from './bucket.ts';

const batchesAtOnce = 4;
/** Services work through a batch key by key, so several smaller ones at once are done earlier. */
const versionsOfBatch = 250;

/** Deletes the keys as they come, in batches of what the service takes in one request, some of them at once. */
export async function deleteKeys(
  bucket: Bucket,
  keys: Iterable<string> | AsyncIterable<string>,
  { signal }: CallOptions,
): Promise<void> {
  await forEachConcurrently(batches(keys, bucket.capabilities.deletesAtOnce), batchesAtOnce, (batch) =>
    deleteBatch(bucket, batch, { signal }),
  );
}

/** Options of `deleteVersions`. */
export interface DeleteVersionsOptions extends CallOptions {
  /** Is told each key that stays because it has another revision by now. */
  readonly onKept: (key: string) => void;
}

/** Deletes files in the revisions in which they were just seen, in the same way. */
export async function deleteVersions(
  bucket: Bucket,
  files: Iterable<StoredFile> | AsyncIterable<StoredFile>,
  { signal, onKept }: DeleteVersionsOptions,
): Promise<void> {
  const size = Math.min(versionsOfBatch, bucket.capabilities.deletesAtOnce);
  await forEachConcurrently(batches(files, size), batchesAtOnce, async (batch) => {
    const revisions = new Map(batch.map(({ key, revision }) => [key, revision]));
    for (const key of await bucket.deleteAll([...revisions.keys()], { revisions, signal })) onKept(key);
  });
}

/** One key costs less by itself than as a batch, on services that sign and parse batches. */
async function deleteBatch(bucket: Bucket, batch: readonly string[], options: CallOptions): Promise<void> {
  const [only] = batch;
  if (batch.length === 1 && only !== undefined) await bucket.delete(only, options);
  else await bucket.deleteAll(batch, options);
}

async function* batches<T>(keys: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
