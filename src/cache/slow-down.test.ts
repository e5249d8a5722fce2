import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from './room.ts';
import { longestPause, SlowDown } from './slow-down.ts';

const limit = { timeout: 60_000 };
const mebibyte = 1 << 20;
const block = 128 << 10;

test('below the soft limit nobody pauses', () => {
  assert.equal(new SlowDown().pauseFor(mebibyte, 0, 0), 0);
  assert.equal(new SlowDown().pauseFor(mebibyte, -1, 0), 0);
});

test('pauses grow with the fullness, and have an end', () => {
  const pauses = [0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1].map((fullness) => new SlowDown().pauseFor(mebibyte, fullness, 0));
  assert.deepEqual(
    pauses,
    pauses.toSorted((a, b) => a - b),
  );
  assert.ok((pauses[0] as number) < 20);
  assert.equal(pauses.at(-1), longestPause);
});

test('half way, writers have the pace at which room is made', () => {
  const slow = new SlowDown();
  for (let now = 0; now < 60_000; now += 100) slow.given(10 * mebibyte, now);
  const pause = slow.pauseFor(100 * mebibyte, 0.5, 60_000);
  assert.ok(pause > 900 && pause <= 1000, `${pause} ms for what takes 1000`);
});

test('small pauses are added up', () => {
  const slow = new SlowDown();
  let pauses = 0;
  let total = 0;
  for (let i = 0; i < 1000; i++) {
    const pause = slow.pauseFor(1000, 0.5, 0);
    if (pause > 0) pauses++;
    total += pause;
  }
  assert.ok(pauses < 20 && total > 50 && total < 70, `${pauses} pauses, ${total} ms`);
});

/** What happened to writers who write as fast as they may, over virtual minutes. */
interface Run {
  readonly longest: number;
  /** The largest number of bytes in the room. */
  readonly most: number;
  /** Bytes that were written in each virtual second. */
  readonly written: readonly number[];
  readonly failed: number;
}

test(
  'many writers over a slow line: no long pause, no second without progress, never above the hard limit',
  limit,
  async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    for (const [writers, perSecond] of [
      [1, 4 * mebibyte],
      [4, 4 * mebibyte],
      [4, mebibyte],
      [2, 40 * mebibyte],
    ] as const) {
      const run = await simulate(t.mock.timers, writers, perSecond, 80);
      const name = `${writers} writers, ${perSecond / mebibyte} MiB/s`;
      t.diagnostic(`${name}: longest pause ${run.longest} ms, at most ${(run.most / mebibyte).toFixed(1)} MiB`);
      assert.equal(run.failed, 0, name);
      assert.ok(run.most <= 100 * mebibyte, name);
      assert.ok(run.longest <= 2 * longestPause, `${name}: ${run.longest} ms`);
      const steady = run.written.slice(40);
      const [least, mean] = [Math.min(...steady), steady.reduce((sum, bytes) => sum + bytes, 0) / steady.length];
      assert.ok(least > 0, `${name}: a second in which nobody wrote`);
      assert.ok(Math.abs(mean - perSecond) < perSecond / 4, `${name}: ${mean} bytes a second`);
      assert.ok(Math.max(...steady) < 3 * mean, `${name}: not in bursts`);
    }
  },
);

/** Writers of 128 KiB blocks, a soft limit of 50 MiB, a hard one of 100 MiB, and uploads of whole files of 1 MiB. */
async function simulate(
  timers: { tick(milliseconds: number): void },
  writers: number,
  perSecond: number,
  seconds: number,
): Promise<Run> {
  const room: Room = new Room(0, {
    maxBytes: 50 * mebibyte,
    hardMaxBytes: 100 * mebibyte,
    patience: 30_000,
    evict: () => undefined,
    onWait: () => undefined,
  });
  const began = Date.now();
  const written = Array.from({ length: seconds }, () => 0);
  const run = { longest: 0, most: 0, written, failed: 0 };
  const end = new AbortController();
  const write = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const before = Date.now();
      const taken = room.take(block, { signal: end.signal });
      if (taken !== undefined) await taken;
      run.longest = Math.max(run.longest, Date.now() - before);
      run.most = Math.max(run.most, room.bytes);
      const second = Math.floor((Date.now() - began) / 1000);
      written[second] = (written[second] ?? 0) + block;
    }
  };
  const running = Array.from({ length: writers }, () => write().catch(() => end.signal.aborted || run.failed++));
  let sent = 0;
  for (let step = 0; step < seconds * 100; step++) {
    timers.tick(10);
    for (let turn = 0; turn < 4 * writers; turn++) await Promise.resolve();
    sent += perSecond / 100;
    if (sent < mebibyte || room.bytes < mebibyte) continue;
    room.give(mebibyte);
    sent -= mebibyte;
  }
  end.abort(new Error('the end'));
  await Promise.all(running);
  run.written.length = seconds;
  return run;
}
