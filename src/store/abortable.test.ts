import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abortable } from './abortable.ts';

const timeout = 10_000;

/** Counts how often an iterator is told to end. */
function counting(values: readonly number[], hangs = false): AsyncIterable<number> & { ended: number } {
  const counted = {
    ended: 0,
    [Symbol.asyncIterator]() {
      let at = 0;
      return {
        async next(): Promise<IteratorResult<number>> {
          if (at === values.length && hangs) await new Promise(() => {});
          const value = values[at++];
          return value === undefined ? { done: true, value: undefined } : { done: false, value };
        },
        async return(): Promise<IteratorResult<number>> {
          counted.ended++;
          return { done: true, value: undefined };
        },
      };
    },
  };
  return counted;
}

describe('abortable', { timeout }, () => {
  it('passes all values when nobody aborts', async () => {
    const { signal } = new AbortController();
    assert.deepEqual(await Array.fromAsync(abortable(counting([1, 2, 3]), signal)), [1, 2, 3]);
    assert.deepEqual(await Array.fromAsync(abortable(counting([1, 2, 3]))), [1, 2, 3]);
  });

  it('throws the reason at once while a value is awaited, and ends the iterator', async () => {
    const controller = new AbortController();
    const values = counting([1], true);
    const reading = Array.fromAsync(abortable(values, controller.signal));
    setImmediate(() => controller.abort('stop'));
    await assert.rejects(reading, (error) => error === 'stop');
    assert.equal(values.ended, 1);
  });

  it('throws the reason between two values, and before the first', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of abortable(counting([1, 2, 3]), controller.signal)) {
        seen.push(value);
        controller.abort('stop');
      }
    })();
    await assert.rejects(reading, (error) => error === 'stop');
    assert.deepEqual(seen, [1]);
    await assert.rejects(abortable(counting([1]), controller.signal).next(), (error) => error === 'stop');
  });

  it('ends the iterator once when its reader leaves', async () => {
    const { signal } = new AbortController();
    const values = counting([1, 2]);
    for await (const value of abortable(values, signal)) if (value === 1) break;
    assert.equal(values.ended, 1);
  });
});
