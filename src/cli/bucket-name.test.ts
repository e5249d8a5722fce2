import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proposeBucketName } from './bucket-name.ts';

describe('proposeBucketName', () => {
  it('keeps the rules of buckets', () => {
    for (let round = 0; round < 50; round++)
      assert.match(proposeBucketName(), /^(?=.{3,63}$)cloudfusion-[a-z2-7]{26}$/);
  });

  it('is another one each time', () => assert.notEqual(proposeBucketName(), proposeBucketName()));

  // RFC 4648, section 10, in lower case and without padding.
  const vectors: [string, string][] = [
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ];
  for (const [bytes, text] of vectors)
    it(`is base32: "${bytes}"`, () => assert.equal(proposeBucketName(Buffer.from(bytes)), `cloudfusion-${text}`));
});
