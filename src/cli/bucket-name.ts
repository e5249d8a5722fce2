import { randomBytes } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * A bucket name that nobody else has: `cloudfusion-` and 128 random bits in lower-case base32 (RFC 4648). It keeps the rules of
 * Amazon S3 and Google Cloud Storage: 3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends.
 */
export function proposeBucketName(bytes: Uint8Array = randomBytes(16)): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    for (; held >= 5; held -= 5) text += alphabet[(bits >> (held - 5)) & 31];
    bits &= (1 << held) - 1;
  }
  if (held > 0) text += alphabet[(bits << (5 - held)) & 31];
  return `cloudfusion-${text}`;
}
