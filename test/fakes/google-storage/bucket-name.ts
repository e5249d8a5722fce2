import { isIP } from 'node:net';
import { GoogleFault } from './google-fault.ts';

/** Throws unless a bucket may be called so (https://docs.cloud.google.com/storage/docs/buckets#naming). */
export function assertBucketName(name: string): void {
  const parts = name.split('.');
  const isGood =
    /^[a-z0-9][a-z0-9._-]*[a-z0-9]$/.test(name) &&
    name.length >= 3 &&
    name.length <= (parts.length > 1 ? 222 : 63) &&
    parts.every((part) => part !== '' && part.length <= 63) &&
    isIP(name) === 0 &&
    !name.startsWith('goog') &&
    !/g[o0][o0]gle/.test(name);
  if (!isGood) throw new GoogleFault(400, 'invalid', 'InvalidBucketName', `Invalid bucket name: '${name}'`);
}
