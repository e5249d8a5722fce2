import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { SavableHash } from './savable-hash.ts';

for (const algorithm of ['md5', 'sha256'] as const)
  it(`${algorithm} is what Node makes of the same bytes, in pieces of any size, and after it was saved`, async () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 200_000]) {
      const bytes = randomBytes(size);
      const expected = createHash(algorithm).update(bytes).digest('hex');
      const hash = await SavableHash.make(algorithm);
      for (let at = 0; at < size; at += 977) hash.update(bytes.subarray(at, at + 977));
      assert.equal(hash.digest(), expected, `${size} bytes`);
      assert.equal(hash.digest(), expected, 'a digest ends nothing');
      const before = await SavableHash.make(algorithm);
      before.update(bytes.subarray(0, size / 3));
      const after = await SavableHash.from(algorithm, before.state);
      after?.update(bytes.subarray(size / 3));
      assert.equal(after?.digest(), expected, `${size} bytes, gone on`);
    }
  });

it('what is no state of such a checksum is nothing to go on from', async () => {
  const [hash, other] = [await SavableHash.make('md5'), await SavableHash.make('sha256')];
  hash.update(randomBytes(70));
  const damaged = `${hash.state.startsWith('A') ? 'B' : 'A'}${hash.state.slice(1)}`;
  for (const state of ['', '.', 'x', damaged, other.state, hash.state.replace('.', '')])
    assert.equal(await SavableHash.from('md5', state), undefined, state);
});
