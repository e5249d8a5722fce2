import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { forEachConcurrently } from './for-each-concurrently.ts';

describe('forEachConcurrently', { timeout: 10_000 }, () => {
  it('calls for each value, never more than the limit at once', async () => {
    let [running, most] = [0, 0];
    const seen = new Set<number>();
    await forEachConcurrently(
      Array.from({ length: 50 }, (_, index) => index),
      4,
      async (value) => {
        most = Math.max(most, ++running);
        for (let turn = 0; turn <= value % 5; turn++) await setImmediate();
        seen.add(value);
        running--;
      },
    );
    assert.deepEqual([seen.size, most], [50, 4]);
  });

  it('begins nothing after a failure, and waits for what runs', async () => {
    const finished: number[] = [];
    const failing = forEachConcurrently([0, 1, 2, 3, 4, 5], 2, async (value) => {
      await setImmediate();
      if (value === 1) throw new Error('one');
      await setImmediate();
      finished.push(value);
    });
    await assert.rejects(failing, /one/);
    const then = finished.length;
    await setImmediate();
    assert.equal(finished.length, then);
    assert.ok(!finished.includes(5));
  });

  it('throws what the values throw, after what runs has ended', async () => {
    let isDone = false;
    const failing = forEachConcurrently(
      (async function* () {
        yield 1;
        throw new Error('values');
      })(),
      2,
      async () => {
        await setImmediate();
        isDone = true;
      },
    );
    await assert.rejects(failing, /values/);
    assert.ok(isDone);
  });

  it('refuses a limit below 1', async () => {
    await assert.rejects(
      forEachConcurrently([], 0, async () => {}),
      RangeError,
    );
  });
});
