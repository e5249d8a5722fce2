import { isStoreError, StoreError } from '../../store/errors.ts';
import type { CallOptions } from '../../store/store.ts';
import { faultOf } from '../google/google-error.ts';
import type { GoogleClient } from '../google/google-client.ts';

/** Where a bucket is made. */
export interface NewBucket {
  /** The project that pays for it, or undefined: it is not known. */
  readonly project: () => Promise<string | undefined>;
  /** `EU`, `europe-west3`. @default Google's, which is `US` */
  readonly location?: string | undefined;
}

/**
 * Makes a bucket (https://docs.cloud.google.com/storage/docs/json_api/v1/buckets/insert). Throws `PermissionDenied` where that is not
 * possible, with what to change.
 */
export async function makeBucket(
  client: GoogleClient,
  { bucket, project, location, signal }: NewBucket & CallOptions & { readonly bucket: string },
): Promise<void> {
  const payer = await project();
  if (payer === undefined) {
    const message = `there is no bucket "${bucket}", and to make it the project must be known; set \`project\``;
    throw new StoreError('PermissionDenied', { message });
  }
  try {
    await client.json({
      operation: 'buckets.insert',
      method: 'POST',
      path: '/storage/v1/b',
      query: { project: payer, fields: 'name' },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: bucket, location }),
      signal,
    });
  } catch (error) {
    const message = refusals(error, bucket);
    // Somebody else of this account was faster.
    if (message === 'own') return;
    throw message === undefined ? error : new StoreError('PermissionDenied', { message, cause: faultOf(error) });
  }
}

function refusals(error: unknown, bucket: string): string | undefined {
  if (isStoreError(error, 'Conflict')) {
    if (/already own it/.test(faultOf(error)?.detail ?? '')) return 'own';
    return `the bucket "${bucket}" belongs to somebody else; choose another \`bucket_name\``;
  }
  if (!isStoreError(error, 'PermissionDenied') || faultOf(error)?.status !== 403) return undefined;
  return `there is no bucket "${bucket}", and this account may not make it; make it yourself, or change \`bucket_name\` (Google answered ${faultOf(error)?.message})`;
}
