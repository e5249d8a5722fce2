import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c, decodeCrc32c, encodeCrc32c, joinCrc32c } from './crc32c.ts';

/** RFC 3720, appendix B.4, and the check value of the catalogue of CRCs. */
const published: readonly (readonly [Uint8Array, number])[] = [
  [new Uint8Array(32), 0x8a9136aa],
  [new Uint8Array(32).fill(0xff), 0x62a8ab43],
  [Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  [Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  [Buffer.from('123456789'), 0xe3069283],
  [new Uint8Array(0), 0],
];

test('published checksums', () => {
  for (const [bytes, sum] of published) assert.equal(crc32c(bytes), sum);
});

test('the checksum of parts is that of the whole, however it is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (a, b) => {
      const whole = crc32c(Buffer.concat([a, b]));
      assert.equal(crc32c(b, crc32c(a)), whole);
      assert.equal(joinCrc32c(crc32c(a), crc32c(b), b.length), whole);
    }),
  );
});

test('large parts are joined without their bytes', () => {
  const part = new Uint8Array(3_000_001).fill(7);
  assert.equal(joinCrc32c(crc32c(part), crc32c(part), part.length), crc32c(part, crc32c(part)));
});

test('as Google writes it', () => {
  assert.equal(encodeCrc32c(crc32c(Buffer.from('123456789'))), '4waSgw==');
  assert.equal(decodeCrc32c('4waSgw=='), 0xe3069283);
  assert.equal(decodeCrc32c(undefined), undefined);
});
