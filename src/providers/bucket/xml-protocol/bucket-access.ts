import { isStoreError, StoreError } from '../../../store/errors.ts';
import type { CallOptions } from '../../../store/store.ts';
import { KeyListing } from './key-listing.ts';
import { textPayload } from './payload.ts';
import { faultOf } from './service-fault.ts';
import type { XmlParts } from './xml-parts.ts';
import { xmlText } from './xml-text.ts';

/**
 * That the bucket is there and this account may list it; made where it is missing and `create` was asked for. A listing is asked
 * for and not HEAD, whose answer has no words that would tell a wrong secret from a missing right.
 */
export async function prepareBucket(parts: XmlParts, region: () => string, options: CallOptions): Promise<void> {
  const { client, settings } = parts;
  const look = (): Promise<unknown> =>
    new KeyListing(client).page({ prefix: settings.prefix, limit: 1, signal: options.signal });
  try {
    await look();
  } catch (error) {
    if (faultOf(error)?.code !== 'NoSuchBucket' || !settings.create) throw error;
    await createBucket(parts, region(), options);
    await look();
  }
}

async function createBucket(parts: XmlParts, region: string, options: CallOptions): Promise<void> {
  const { bucket } = parts.settings;
  assertNewBucketName(bucket);
  try {
    // us-east-1 is the one region that must not be named
    // (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html), and what other services call their regions
    // is not always what they take here.
    if (region === 'us-east-1') await putBucket(parts, undefined, options);
    else await putBucketIn(parts, region, options);
  } catch (error) {
    if (ownCodes.has(faultOf(error)?.code ?? '')) return;
    if (!isStoreError(error, 'PermissionDenied') || faultOf(error)?.code === 'BucketAlreadyExists') throw error;
    const message = `there is no bucket "${bucket}", and this account may not make it; make it yourself, or change bucket_name`;
    throw new StoreError('PermissionDenied', { message, cause: error.cause });
  }
}

/** Answered when somebody else of this account was faster. */
const ownCodes: ReadonlySet<string> = new Set(['BucketAlreadyOwnedByYou']);

async function putBucketIn(parts: XmlParts, region: string, options: CallOptions): Promise<void> {
  try {
    await putBucket(parts, region, options);
  } catch (error) {
    if (!placeCodes.has(faultOf(error)?.code ?? '')) throw error;
    await putBucket(parts, undefined, options);
  }
}

const placeCodes: ReadonlySet<string> = new Set(['InvalidLocationConstraint', 'IllegalLocationConstraintException']);

async function putBucket({ client }: XmlParts, region: string | undefined, { signal }: CallOptions): Promise<void> {
  const call = { operation: 'CreateBucket', method: 'PUT', signal };
  const place = region === undefined ? '' : `<LocationConstraint>${xmlText(region)}</LocationConstraint>`;
  const body = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${place}</CreateBucketConfiguration>`;
  const answer = await client.call(place === '' ? call : { ...call, payload: textPayload(body) });
  await answer.body.discard();
}

/**
 * Throws `InvalidPath` for a name that no new bucket may have
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
 */
export function assertNewBucketName(name: string): void {
  const flaw = flawOf(name);
  if (flaw === undefined) return;
  throw new StoreError('InvalidPath', { message: `no bucket can be called "${name}": ${flaw}; change bucket_name` });
}

/** Throws `InvalidPath` for what is no name of any bucket, old ones and those of other services included. */
export function assertBucketName(name: string): void {
  if (/^[A-Za-z0-9._-]{3,255}$/.test(name) && !/^\.+$/.test(name)) return;
  const flaw = flawOf(name) ?? 'it has characters that no service takes';
  throw new StoreError('InvalidPath', { message: `no bucket is called "${name}": ${flaw}; change bucket_name` });
}

function flawOf(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return 'a name has 3 to 63 characters';
  if (!/^[a-z0-9.-]+$/.test(name)) return 'a name has lower-case letters, digits, hyphens and dots only';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return 'a name begins and ends with a letter or a digit';
  if (name.includes('..')) return 'a name has no two dots side by side';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'a name does not look like an IP address';
  return undefined;
}
