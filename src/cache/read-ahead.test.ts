import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadAhead } from './read-ahead.ts';

const kibibyte = 1 << 10;
const mebibyte = 1 << 20;

test('whoever reads from the beginning gets more than he asks for', () => {
  assert.ok(new ReadAhead().endFor(0, 4 * kibibyte) >= 128 * kibibyte);
});

test('reading on grows the window to eight mebibytes and no further', () => {
  const ahead = new ReadAhead();
  let widest = 0;
  for (let at = 0; at < 64 * mebibyte; at += 128 * kibibyte) {
    const end = ahead.endFor(at, 128 * kibibyte);
    assert.ok(end >= at + 128 * kibibyte);
    widest = Math.max(widest, end - at - 128 * kibibyte);
  }
  assert.equal(widest, 8 * mebibyte);
});

test('a jump asks for its own bytes only, also backwards', () => {
  const ahead = new ReadAhead();
  for (let at = 0; at < mebibyte; at += 64 * kibibyte) ahead.endFor(at, 64 * kibibyte);
  assert.equal(ahead.endFor(50 * mebibyte, 100), 50 * mebibyte + 100);
  assert.equal(ahead.endFor(10, 100), 110);
});

test('after a jump, reading on begins with a small window', () => {
  const ahead = new ReadAhead();
  for (let at = 0; at < 8 * mebibyte; at += mebibyte) ahead.endFor(at, mebibyte);
  ahead.endFor(50 * mebibyte, 100);
  assert.equal(ahead.endFor(50 * mebibyte + 100, 100), 50 * mebibyte + 200 + 128 * kibibyte);
});
