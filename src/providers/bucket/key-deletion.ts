import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import type { CallOptions } from '../../store/store.ts';
import type { Bucket } from './bucket.ts';

const batchesAtOnce = 4;

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

/** One key costs less by itself than as a batch, on services that sign and parse batches. */
async function deleteBatch(bucket: Bucket, batch: readonly string[], options: CallOptions): Promise<void> {
  const [only] = batch;
  if (batch.length === 1 && only !== undefined) await bucket.delete(only, options);
  else await bucket.deleteAll(batch, options);
}

async function* batches(keys: Iterable<string> | AsyncIterable<string>, size: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
