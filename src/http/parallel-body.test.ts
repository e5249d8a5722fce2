import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { isStoreError, StoreError } from '../store/errors.ts';
import { parallelBody } from './parallel-body.ts';

const content = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 253));

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++)
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
};

async function* slowly(start: number, end: number, delay: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += 37) {
    await turns(delay);
    yield content.subarray(at, Math.min(at + 37, end));
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test(`any range arrives whole and in order, however slow its parts are (seed ${seed})`, {
  timeout: 60_000,
}, async () => {
  for (let run = 0; run < runsOr(30); run++) {
    const random = (below: number, salt: number): number => ((seed + run * 7919 + salt * 104_729) >>> 3) % below;
    const start = random(2500, 1);
    const end = start + random(content.length - start, 2);
    const options = { start, end, rangeBytes: 1 + random(700, 3), concurrency: 1 + random(6, 4) };
    let open = 0;
    let most = 0;
    const bytes = await collect(
      parallelBody(async (from, to) => {
        most = Math.max(most, ++open);
        return (async function* () {
          yield* slowly(from, to, (from % 3) + 1);
          open--;
        })();
      }, options),
    );
    assert.deepEqual(bytes, content.subarray(start, end), `seed ${seed}, run ${run}`);
    assert.ok(most <= options.concurrency, `seed ${seed}, run ${run}: ${most} at once`);
  }
});

test('no more is downloaded ahead than the requests that may be open, even if nobody reads', {
  timeout: 10_000,
}, async () => {
  const opened: number[] = [];
  const body = parallelBody(
    async (start, end) => {
      opened.push(start);
      return slowly(start, end, 0);
    },
    { start: 0, end: 5000, rangeBytes: 500, concurrency: 3 },
  );
  await body.next();
  await turns(100);
  assert.deepEqual(opened, [0, 500, 1000]);
  await body.return(undefined);
});

test('leaving early aborts the others', { timeout: 10_000 }, async () => {
  const signals: AbortSignal[] = [];
  const open = async (start: number, end: number, signal: AbortSignal) => {
    signals.push(signal);
    return slowly(start, end, 1);
  };
  for await (const chunk of parallelBody(open, { start: 0, end: 5000, rangeBytes: 500, concurrency: 4 })) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [true, true, true, true],
  );
});

test('a range that fails throws after the bytes before it, and aborts the others', { timeout: 10_000 }, async () => {
  const failure = new StoreError('Unavailable');
  const signals: AbortSignal[] = [];
  const open = async (start: number, end: number, signal: AbortSignal) => {
    signals.push(signal);
    if (start === 1000) throw failure;
    return slowly(start, end, 2);
  };
  let received = 0;
  await assert.rejects(
    async () => {
      for await (const chunk of parallelBody(open, { start: 0, end: 5000, rangeBytes: 500, concurrency: 4 }))
        received += chunk.length;
    },
    (error) => error === failure,
  );
  assert.equal(received, 1000);
  assert.ok(signals.every((signal) => signal.aborted));
});

test('a range of another length is an error, never other bytes', { timeout: 10_000 }, async () => {
  const options = { start: 0, end: 2000, rangeBytes: 500, concurrency: 2 };
  await assert.rejects(collect(parallelBody(async (start) => slowly(start, start + 501, 0), options)), (error) =>
    isStoreError(error, 'Corrupt'),
  );
  await assert.rejects(collect(parallelBody(async (start) => slowly(start, start + 499, 0), options)), (error) =>
    isStoreError(error, 'Unavailable'),
  );
});

test('an abort while nothing comes rejects at once with the reason', { timeout: 10_000 }, async () => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const never = async (): Promise<AsyncIterable<Uint8Array>> => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
  });
  const options = { start: 0, end: 2000, rangeBytes: 500, concurrency: 2, signal: abort.signal };
  setImmediate(() => abort.abort(reason));
  await assert.rejects(collect(parallelBody(never, options)), (error) => error === reason);
  await assert.rejects(collect(parallelBody(never, options)), (error) => error === reason);
});
