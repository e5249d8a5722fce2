import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStoreError } from '../store/errors.ts';
import { isTexts, toldSize, toldTime } from './told-values.ts';

test('a size is a whole number of bytes, or the answer is not to be believed', () => {
  assert.equal(toldSize('0'), 0);
  assert.equal(toldSize(' 4503599627370496\n'), 2 ** 52);
  for (const told of ['', '-1', '1e3', '0x10', 'NaN', '9007199254740993', '1.5', undefined, null, {}, []])
    assert.throws(
      () => toldSize(told),
      (error) => isStoreError(error, 'Unavailable'),
      JSON.stringify(told),
    );
});

test('a time that is none is long ago', () => {
  assert.equal(toldTime('2009-10-12T17:50:30.000Z'), 1255369830000);
  for (const told of ['', 'yesterday', undefined, null, {}]) assert.equal(toldTime(told), 0);
});

test('metadata are texts', () => {
  assert.ok(isTexts(undefined) && isTexts({}) && isTexts({ a: '' }));
  for (const told of [null, [], ['a'], { a: 1 }, { a: null }, 'a']) assert.ok(!isTexts(told), JSON.stringify(told));
});
