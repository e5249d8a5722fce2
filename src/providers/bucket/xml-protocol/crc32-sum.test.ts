import assert from 'node:assert/strict';
import { it } from 'node:test';
import { crc32 } from 'node:zlib';
import { crc32Of, crc32Text, joinCrc32 } from './crc32-sum.ts';

it('the sums of parts give the sum of the whole', () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251));
  for (const at of [0, 1, 7, 8, 1023, 4096, 4999, 5000]) {
    const [first, second] = [bytes.subarray(0, at), bytes.subarray(at)];
    assert.equal(joinCrc32(crc32(first), crc32(second), second.length), crc32(bytes), `split at ${at}`);
  }
});

it('parts of more than 4 GiB of zeros have the sum of their pieces', () => {
  const piece = Buffer.alloc(1 << 20);
  const sum = crc32(piece);
  const join = (count: number): number => {
    let total = 0;
    for (let i = 0; i < count; i++) total = joinCrc32(total, sum, piece.length);
    return total;
  };
  assert.equal(joinCrc32(join(1), join(4999), 4999 * piece.length), join(5000));
});

it('is written as base64 of 4 bytes, and nothing else is taken for one', () => {
  assert.equal(crc32Text(crc32('123456789')), 'y/Q5Jg==');
  assert.equal(crc32Of('y/Q5Jg=='), 0xcbf43926);
  for (const text of [undefined, '', 'y/Q5Jg==-3', 'y/Q5', 'nonsense']) assert.equal(crc32Of(text), undefined);
});
