import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Interest } from './arrival.ts';
import { ReadAhead } from './read-ahead.ts';

const kibibyte = 1 << 10;
const mebibyte = 1 << 20;
const largest = 16 * mebibyte;
const size = 1024 * mebibyte;

function readAhead(): { ahead: ReadAhead; lost: Interest[] } {
  const lost: Interest[] = [];
  return { ahead: new ReadAhead(largest, (interest) => lost.push(interest)), lost };
}

test('whoever reads from the beginning gets more than he asks for', () => {
  const { end, isNews } = readAhead().ahead.read(0, 4 * kibibyte, size);
  assert.equal(end, 132 * kibibyte);
  assert.ok(isNews);
});

test('a small file is fetched whole', () => {
  assert.ok(readAhead().ahead.read(0, 4 * kibibyte, 500 * kibibyte).end >= 500 * kibibyte);
});

test('four times of what was read in a row is fetched, up to the largest window', () => {
  const { ahead } = readAhead();
  let widest = 0;
  for (let at = 0; at < 64 * mebibyte; at += 128 * kibibyte) {
    const next = at + 128 * kibibyte;
    const { end } = ahead.read(at, 128 * kibibyte, size);
    assert.ok(end >= next);
    assert.ok(end - next <= Math.max(128 * kibibyte, 4 * next), `${end - next} bytes after ${next}`);
    widest = Math.max(widest, end - next);
  }
  assert.equal(widest, largest);
});

test('the window moves by large steps', () => {
  const { ahead } = readAhead();
  let steps = 0;
  for (let at = 0; at < 256 * mebibyte; at += 128 * kibibyte) if (ahead.read(at, 128 * kibibyte, size).isNews) steps++;
  assert.ok(steps < 256 / 8 + 10, `${steps} steps`);
});

test('a jump asks for its own bytes only, also backwards, and is no news', () => {
  const { ahead } = readAhead();
  for (let at = 0; at < mebibyte; at += 64 * kibibyte) ahead.read(at, 64 * kibibyte, size);
  for (const [at, length] of [
    [50 * mebibyte, 100],
    [10, 100],
  ] as const) {
    const { end, isNews } = ahead.read(at, length, size);
    assert.equal(end, at + length);
    assert.equal(isNews, false);
  }
});

test('after a jump, reading on begins with a small window', () => {
  const { ahead } = readAhead();
  for (let at = 0; at < 8 * mebibyte; at += mebibyte) ahead.read(at, mebibyte, size);
  ahead.read(50 * mebibyte, 100, size);
  assert.equal(ahead.read(50 * mebibyte + 100, 100, size).end, 50 * mebibyte + 200 + 128 * kibibyte);
});

test('reads that come side by side, and a little out of order, read on', () => {
  const { ahead } = readAhead();
  for (const at of [0, 256, 128, 512, 384, 768, 640]) ahead.read(at * kibibyte, 128 * kibibyte, size);
  assert.ok(ahead.read(896 * kibibyte, 128 * kibibyte, size).end >= 3 * mebibyte);
});

test('streams of one file grow side by side', () => {
  const { ahead, lost } = readAhead();
  const starts = [0, 100, 200, 300].map((start) => start * mebibyte);
  for (let step = 0; step < mebibyte; step += 128 * kibibyte)
    for (const start of starts) ahead.read(start + step, 128 * kibibyte, size);
  for (const start of starts)
    assert.ok(ahead.read(start + mebibyte, 128 * kibibyte, size).end >= start + mebibyte + 2 * mebibyte);
  assert.deepEqual(lost, []);
});

test('the stream that was read longest ago is lost to others, and all of them when the file is closed', () => {
  const { ahead, lost } = readAhead();
  const { interest } = ahead.read(0, mebibyte, size);
  for (const at of [100, 200, 300]) ahead.read(at * mebibyte, 10, size);
  assert.deepEqual(lost, []);
  ahead.read(400 * mebibyte, 10, size);
  assert.deepEqual(lost, [interest]);
  ahead.close();
  ahead.close();
  assert.equal(new Set(lost).size, 5);
  assert.equal(lost.length, 5);
});
