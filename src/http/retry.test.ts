import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../test/fakes/http/virtual-clock.ts';
import { StoreError } from '../store/errors.ts';
import { type RetryOptions, retrying } from './retry.ts';
import { SourceFailure } from './source-failure.ts';

const unavailable = new StoreError('Unavailable');

/** When each attempt began, and how it all ended. */
async function attempts(work: (attempt: number) => Promise<unknown>, options: RetryOptions = {}) {
  const clock = new VirtualClock();
  const times: number[] = [];
  const result = retrying(
    async (attempt) => {
      times.push(clock.now());
      return await work(attempt);
    },
    { ...options, clock },
  ).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  await clock.run();
  return { ...(await result), times, pauses: times.slice(1).map((time, index) => time - (times[index] ?? 0)) };
}

const failing = (error: unknown) => async (): Promise<never> => {
  throw error;
};

test('what succeeds at once is done once, and what fails for the moment until it succeeds', async () => {
  assert.deepEqual((await attempts(async () => 'done')).times, [0]);
  const { value, times } = await attempts(async (attempt) => {
    if (attempt < 3) throw unavailable;
    return attempt;
  });
  assert.deepEqual([value, times.length], [3, 3]);
});

test('pauses double up to the longest, and half of each is random', async () => {
  const seen: number[][] = [];
  for (let run = 0; run < 40; run++) {
    const { pauses } = await attempts(failing(unavailable), { attempts: 6, firstDelay: 100, longestDelay: 700 });
    seen.push(pauses);
  }
  for (const [index, longest] of [100, 200, 400, 700, 700].entries()) {
    const pauses = seen.map((one) => one[index] ?? 0);
    assert.ok(Math.min(...pauses) >= longest / 2 && Math.max(...pauses) <= longest, `${index}: ${pauses.join()}`);
    assert.ok(new Set(pauses).size > 20, 'they are not random');
  }
});

test('the last failure is thrown when the attempts are used up', async () => {
  const { error, times } = await attempts(failing(unavailable), { attempts: 3 });
  assert.deepEqual([error, times.length], [unavailable, 3]);
  assert.equal((await attempts(failing(unavailable))).times.length, 5);
});

test('no attempt begins after the deadline', async () => {
  const { error, times } = await attempts(failing(unavailable), { attempts: 1000, deadline: 5000, firstDelay: 300 });
  assert.equal(error, unavailable);
  assert.ok(Math.max(...times) <= 5000 && Math.max(...times) > 1000, times.join());
});

test('Retry-After is waited for where it fits before the deadline', async () => {
  const limited = new StoreError('RateLimited', { retryAfter: 4000 });
  const { pauses } = await attempts(failing(limited), { attempts: 3 });
  assert.deepEqual(pauses, [4000, 4000]);
  const late = await attempts(failing(limited), { deadline: 3999 });
  assert.deepEqual([late.error, late.times], [limited, [0]]);
});

test('what will not go away, may not be repeated or is no StoreError ends it at once', async () => {
  for (const error of [new StoreError('NotFound'), new StoreError('Conflict'), new TypeError('wrong')]) {
    const result = await attempts(failing(error));
    assert.deepEqual([result.error, result.times.length], [error, 1]);
  }
  const { times } = await attempts(failing(unavailable), { mayRepeat: (error) => error.code !== 'Unavailable' });
  assert.equal(times.length, 1);
});

test('what a source threw is thrown untouched, even if it looks retryable', async () => {
  const { error, times } = await attempts(failing(new SourceFailure(unavailable)));
  assert.deepEqual([error, times.length], [unavailable, 1]);
});

test('an abort during the pause ends it at once with the reason, and nothing waits any more', async () => {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const reason = new Error('enough');
  let count = 0;
  const work = async (): Promise<never> => {
    count++;
    throw unavailable;
  };
  const result = assert.rejects(retrying(work, { clock, signal: abort.signal }), (error) => error === reason);
  while (clock.waiting === 0)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  abort.abort(reason);
  await result;
  assert.deepEqual([count, clock.waiting, clock.now()], [1, 0, 0]);
});

test('an abort during the work counts more than what the work failed with', async () => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const work = async (): Promise<never> => {
    abort.abort(reason);
    throw unavailable;
  };
  await assert.rejects(retrying(work, { signal: abort.signal }), (error) => error === reason);
});
