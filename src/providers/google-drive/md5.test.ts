import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { Md5 } from './md5.ts';

it('Md5 is what Node makes of the same bytes, in pieces of any size, and after it was saved', () => {
  for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 200_000]) {
    const bytes = randomBytes(size);
    const expected = createHash('md5').update(bytes).digest('hex');
    const hash = new Md5();
    for (let at = 0; at < size; at += 977) hash.update(bytes.subarray(at, at + 977));
    assert.equal(hash.digest(), expected, `${size} bytes`);
    assert.equal(hash.digest(), expected, 'a digest ends nothing');
    const half = size - (size % 128);
    const before = new Md5();
    before.update(bytes.subarray(0, half));
    const after = new Md5(half, JSON.parse(JSON.stringify(before.state)));
    after.update(bytes.subarray(half));
    assert.equal(after.digest(), expected, `${size} bytes, gone on`);
  }
});
