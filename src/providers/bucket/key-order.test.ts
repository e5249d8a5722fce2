import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareKeys } from './key-order.ts';

test('keys are compared by their UTF-8 bytes', () => {
  const keys = [
    '',
    'a',
    'a!',
    'a/',
    'a/b',
    'ab',
    'b',
    '\u007f',
    '\u0080',
    'é',
    'e\u0301',
    '\ud7ff',
    '\ue000',
    '\uffff',
  ];
  keys.push('🎉', '\u{10000}', '\u{10ffff}', 'a🎉', 'a\uffff', 'a\ue000b', '🎉🎈', '🎉\uffff');
  for (const a of keys)
    for (const b of keys)
      assert.equal(Math.sign(compareKeys(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)), `${a} ${b}`);
});
