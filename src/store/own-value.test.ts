import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownValue } from './own-value.ts';

test('a word that every object knows is no word of a table', () => {
  assert.equal(ownValue({ a: 1 }, 'a'), 1);
  for (const word of ['b', 'constructor', '__proto__', 'toString']) assert.equal(ownValue({ a: 1 }, word), undefined);
});
