import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { assertSameBytes, CacheTrial, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { SyntheticStore } from '../../test/fakes/synthetic-store.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { sampleBytes } from '../conformance/sample-content.ts';
import { isStoreError } from '../store/errors.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import type { OpenFile } from './node-tree.ts';

const limit = { timeout: 30_000 };
const kibibyte = 1 << 10;
const mebibyte = 1 << 20;

function trialOver(t: TestContext, size: number): { trial: CacheTrial; store: SyntheticStore } {
  const store = new SyntheticStore(size);
  return { trial: new CacheTrial(t, { store }), store };
}

async function readOn(file: OpenFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 128 * kibibyte)
    assertSameBytes(await readFrom(file, at, 128 * kibibyte), SyntheticStore.bytes(at, 128 * kibibyte));
}

/** Offsets of all requests for content. */
function offsets(trial: CacheTrial): number[] {
  return trial.calls('read').map(({ options }) => options.offset ?? 0);
}

describe('a reader of a large file', () => {
  it('who closes it early has not much more fetched', limit, async (t) => {
    const { trial, store } = trialOver(t, 1024 * mebibyte);
    const file = await trial.open('/big');
    await readOn(file, 0, 4 * mebibyte);
    file.release();
    await until(() => store.openNow === 0);
    assert.ok(store.delivered < 32 * mebibyte, `${store.delivered} bytes were fetched`);
    const { delivered } = store;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(store.delivered, delivered);
  });

  it('who closes it takes nothing away from others', limit, async (t) => {
    const { trial } = trialOver(t, 16 * mebibyte);
    const [first, second] = [await trial.open('/big'), await trial.open('/big')];
    await readOn(first, 0, 2 * mebibyte);
    const reading = readOn(second, 0, 16 * mebibyte);
    first.release();
    await reading;
    second.release();
  });

  it('who jumps does not wait for what was to be read before', limit, async (t) => {
    const { trial } = trialOver(t, 512 * mebibyte);
    const file = await trial.open('/big');
    await readOn(file, 0, 8 * mebibyte);
    trial.faults.pause(({ operation }) => operation === 'read');
    const held = readOn(file, 8 * mebibyte, 64 * mebibyte);
    await trial.faults.held();
    const at = 300 * mebibyte;
    const jump = readFrom(file, at, 4096);
    assert.ok(offsets(trial).includes(at));
    trial.faults.resume();
    assertSameBytes(await jump, SyntheticStore.bytes(at, 4096));
    await held;
    file.release();
  });

  it('asks for the block that he waits for when much else would come before it', limit, async (t) => {
    const { trial } = trialOver(t, 64 * mebibyte);
    const file = await trial.open('/big');
    trial.faults.pause(
      ({ operation, options }) => operation === 'read' && (options as { offset?: number }).offset !== 7 * mebibyte,
    );
    const whole = readFrom(file, 0, 8 * mebibyte);
    await trial.faults.held();
    assertSameBytes(await readFrom(file, 7 * mebibyte, 4096), SyntheticStore.bytes(7 * mebibyte, 4096));
    trial.faults.resume();
    assertSameBytes(await whole, SyntheticStore.bytes(0, 8 * mebibyte));
    file.release();
  });

  it('is woken by the first bytes of a request that goes on', limit, async (t) => {
    const { trial, store } = trialOver(t, 64 * mebibyte);
    const file = await trial.open('/big');
    assertSameBytes(await readFrom(file, 0, 4096), SyntheticStore.bytes(0, 4096));
    assert.ok(store.delivered < 128 * kibibyte, `${store.delivered} bytes came before the first`);
    file.release();
  });

  it('of a small file makes one request for all of it', limit, async (t) => {
    const { trial, store } = trialOver(t, 500 * kibibyte);
    const file = await trial.open('/big');
    for (let at = 0; at < store.size; at += 4096) await readFrom(file, at, 4096);
    file.release();
    assert.deepEqual(store.ranges, [{ start: 0, end: store.size }]);
  });

  it('is told of the failure of what he waits for, not of what was fetched in advance', limit, async (t) => {
    const { trial, store } = trialOver(t, 64 * mebibyte);
    const file = await trial.open('/big');
    await readOn(file, 0, mebibyte);
    trial.faults.failureRate = 1;
    await assert.rejects(readFrom(file, 40 * mebibyte, 10), (error) => isStoreError(error));
    trial.faults.failureRate = 0;
    await readOn(file, mebibyte, store.size);
    file.release();
  });

  it('waits in vain after the end of the cache, and is told', limit, async (t) => {
    const { trial } = trialOver(t, 64 * mebibyte);
    const file = await trial.open('/big');
    trial.faults.pause(({ operation }) => operation === 'read');
    const reading = readOn(file, 0, 64 * mebibyte);
    await trial.faults.held();
    const closed = trial.cache.close();
    await assert.rejects(reading, (error) => isStoreError(error, 'Unavailable'));
    trial.faults.resume();
    await closed;
  });
});

describe('several readers', () => {
  it(`have the true bytes, in whatever order and company they read (seed ${seed})`, limit, async (t) => {
    for (let run = 0; run < runsOr(3); run++) await readAtRandom(t, seed + run);
  });
});

async function readAtRandom(t: TestContext, runSeed: number): Promise<void> {
  const { trial, store } = trialOver(t, 12 * mebibyte + 777);
  const random = seededRandom(runSeed);
  trial.faults.shortReadRate = 0.2;
  const below = (most: number): number => Math.floor(random() * most);
  const reader = async (): Promise<void> => {
    let file = await trial.open('/big');
    for (let step = 0, at = 0; step < 60; step++) {
      if (random() < 0.2) at = below(store.size);
      if (random() < 0.05) {
        file.release();
        file = await trial.open('/big');
      }
      const length = 1 + below(300 * kibibyte);
      const signal = random() < 0.1 ? AbortSignal.timeout(1) : undefined;
      const expected = Math.max(0, Math.min(length, store.size - at));
      const bytes = await readFrom(file, at, length, signal).catch((error: unknown) => {
        const isAborted = signal?.aborted === true && error === signal.reason;
        if (!isAborted && !isStoreError(error, 'Unavailable')) throw error;
        return undefined;
      });
      if (bytes !== undefined) assertSameBytes(bytes, SyntheticStore.bytes(at, expected));
      at += length;
    }
    file.release();
  };
  await Promise.all(Array.from({ length: 6 }, reader));
}

describe('a small cache', () => {
  it('reads a file to its end, though little of it may be fetched in advance', { timeout: 60_000 }, async (t) => {
    const trial = new CacheTrial(t, { maxBytes: 1000 });
    const content = sampleBytes(300_000);
    await writeBytes(trial.store, '/file', content);
    const file = await trial.open('/file');
    await readFrom(file, 0, 40_000);
    assertSameBytes(await readBytes(trial.cache, '/file'), content);
    file.release();
  });
});
