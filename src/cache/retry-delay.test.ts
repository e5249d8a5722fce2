import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryDelay } from './retry-delay.ts';

const middle = (): number => 0.5;

test('it doubles from one second to five minutes', () => {
  const delays = [1, 2, 3, 8, 9, 10, 11, 1000].map((failures) => retryDelay(failures, 0, middle));
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 128_000, 256_000, 300_000, 300_000, 300_000]);
});

test('it is spread by half to both sides', () => {
  assert.equal(
    retryDelay(3, 0, () => 0),
    2_000,
  );
  assert.equal(
    retryDelay(3, 0, () => 1),
    6_000,
  );
});

test('what the service asks for is the least', () => {
  assert.equal(retryDelay(1, 60_000, middle), 60_000);
  assert.equal(retryDelay(9, 60_000, middle), 256_000);
});

test('by itself it is random, within the spread', () => {
  const delays = Array.from({ length: 200 }, () => retryDelay(2));
  assert.ok(delays.every((delay) => delay >= 1_000 && delay <= 3_000));
  assert.ok(new Set(delays).size > 100);
});
