import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseDuration } from './duration.ts';

it('reads durations with and without a unit', () => {
  assert.deepEqual(
    ['90', '90s', '30m', '1.5h', '2d'].map(parseDuration),
    [90_000, 90_000, 1_800_000, 5_400_000, 172_800_000],
  );
});

it('refuses what is none', () => {
  for (const text of ['', '0', '-1', '1w', 'm', '1 h', '1e3', '99999999d', 'Infinity'])
    assert.equal(parseDuration(text), undefined, text);
});
