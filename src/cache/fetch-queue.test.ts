import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchQueue } from './fetch-queue.ts';

interface Held {
  readonly number: number;
  readonly done: PromiseWithResolvers<void>;
}

function heldQueue(): { queue: FetchQueue<number>; held: Held[]; finish: () => Promise<void> } {
  const held: Held[] = [];
  const queue = new FetchQueue<number>((number) => {
    const done = Promise.withResolvers<void>();
    held.push({ number, done });
    return done.promise;
  });
  const finish = async (): Promise<void> => {
    held.shift()?.done.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, held, finish };
}

test('few requests are under way at first, and one more after each that ended, up to 32', async () => {
  const { queue, held, finish } = heldQueue();
  for (let i = 0; i < 200; i++) queue.add(i);
  assert.equal(held.length, 12);
  await finish();
  assert.equal(held.length, 13);
  for (let i = 0; i < 50; i++) await finish();
  assert.equal(held.length, 32);
});

test('requests have their turn in order, but for those that were taken out', async () => {
  const { queue, held, finish } = heldQueue();
  for (let i = 0; i < 16; i++) queue.add(i);
  assert.equal(queue.remove(3), false);
  assert.equal(queue.remove(12), true);
  assert.equal(queue.remove(12), false);
  await finish();
  await finish();
  assert.deepEqual(
    held.map(({ number }) => number),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15],
  );
});
