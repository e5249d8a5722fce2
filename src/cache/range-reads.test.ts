import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { assertSameBytes, CacheTrial, readFrom, until } from '../../test/fakes/cache-trial.ts';
import { SyntheticStore } from '../../test/fakes/synthetic-store.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { isStoreError } from '../store/errors.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import type { Entry } from '../store/store.ts';

/** `CLOUDFUSION_SEED` to replay a run, else another each time. */
const seed = Number(process.env['CLOUDFUSION_SEED'] ?? randomInt(2 ** 31));
const limit = { timeout: 30_000 };
const mebibyte = 1 << 20;
const gibibyte = 1 << 30;

function trialOver(t: TestContext, size: number): { trial: CacheTrial; store: SyntheticStore } {
  const store = new SyntheticStore(size);
  return { trial: new CacheTrial(t, { store }), store };
}

describe('reading parts of a file that is not here', () => {
  it('4 KiB in the middle of 1 GiB fetch at most 128 KiB', limit, async (t) => {
    const { trial, store } = trialOver(t, gibibyte);
    const file = await trial.open('/big');
    const at = gibibyte / 2 + 1000;
    assertSameBytes(await readFrom(file, at, 4096), SyntheticStore.bytes(at, 4096));
    file.release();
    assert.ok(store.delivered <= 128 << 10, `${store.delivered} bytes were fetched`);
  });

  it('100 scattered reads of 4 KiB fetch at most 25 MB', limit, async (t) => {
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const { trial, store } = trialOver(t, gibibyte);
    const file = await trial.open('/big');
    for (let i = 0; i < 100; i++) {
      const at = Math.floor(random() * (gibibyte - 4096));
      assertSameBytes(await readFrom(file, at, 4096), SyntheticStore.bytes(at, 4096));
    }
    file.release();
    assert.ok(store.delivered <= 25e6, `${store.delivered} bytes were fetched`);
  });

  it('reading on makes requests larger and runs them side by side', limit, async (t) => {
    const { trial, store } = trialOver(t, 64 * mebibyte);
    const file = await trial.open('/big');
    for (let at = 0; at < store.size; at += 128 << 10) await readFrom(file, at, 128 << 10);
    file.release();
    assert.equal(store.delivered, store.size);
    assert.ok(store.ranges.length <= 48, `${store.ranges.length} requests`);
    assert.ok(store.mostAtOnce >= 2);
  });

  it('readers of the same bytes share one request, and nobody waits for the whole file', limit, async (t) => {
    const { trial, store } = trialOver(t, gibibyte);
    const files = await Promise.all(Array.from({ length: 20 }, () => trial.open('/big')));
    const at = 700 * mebibyte;
    const found = await Promise.all(files.map((file) => readFrom(file, at, 1000)));
    for (const bytes of found) assertSameBytes(bytes, SyntheticStore.bytes(at, 1000));
    assert.equal(store.ranges.length, 1);
    for (const file of files) file.release();
  });

  it('a reader of the end is not behind a reader of everything', limit, async (t) => {
    const { trial, store } = trialOver(t, gibibyte);
    const whole = readBytes(trial.cache, '/big', { signal: AbortSignal.timeout(20_000) }).catch(() => 'aborted');
    await until(() => store.delivered > 0);
    const file = await trial.open('/big');
    const at = gibibyte - 500;
    assertSameBytes(await readFrom(file, at, 4096), SyntheticStore.bytes(at, 500));
    assert.ok(store.delivered < gibibyte / 4);
    file.release();
    await trial.cache.close();
    await whole;
  });

  it('a read ends with the reason of its signal, and others go on', limit, async (t) => {
    const { trial } = trialOver(t, gibibyte);
    const file = await trial.open('/big');
    trial.faults.pause(({ operation }) => operation === 'read');
    const interrupted = new AbortController();
    const first = readFrom(file, 0, 100, interrupted.signal);
    const second = readFrom(file, 0, 100);
    await trial.faults.held();
    const reason = new Error('interrupted');
    interrupted.abort(reason);
    await assert.rejects(first, (error) => error === reason);
    trial.faults.resume();
    assertSameBytes(await second, SyntheticStore.bytes(0, 100));
    await assert.rejects(readFrom(file, mebibyte, 100, AbortSignal.abort(reason)), (error) => error === reason);
    file.release();
  });

  it('a body that was cut off is continued where it ended', limit, async (t) => {
    const { trial } = trialOver(t, 4 * mebibyte);
    trial.faults.shortReadRate = 0.5;
    const file = await trial.open('/big');
    assertSameBytes(await readFrom(file, 0, 4 * mebibyte), SyntheticStore.bytes(0, 4 * mebibyte));
    file.release();
  });
});

describe('a file that changes at the store while it is read', () => {
  it('one read never has bytes of two versions', limit, async (t) => {
    const { trial, store } = trialOver(t, 16 * mebibyte);
    const file = await trial.open('/big');
    await readFrom(file, 0, 1000);
    store.version = 2;
    assertSameBytes(await readFrom(file, 0, 8 * mebibyte), SyntheticStore.bytes(0, 8 * mebibyte, 2));
    file.release();
  });

  it('a stream ends with an error rather than with bytes of another version', limit, async (t) => {
    const { trial, store } = trialOver(t, 16 * mebibyte);
    const { body } = await trial.cache.read('/big');
    let at = 0;
    await assert.rejects(
      async () => {
        for await (const chunk of body) {
          assertSameBytes(chunk, SyntheticStore.bytes(at, chunk.length));
          at += chunk.length;
          if (store.version === 1) {
            store.version = 2;
            const other = await trial.open('/big');
            await readFrom(other, 15 * mebibyte, 1000);
            other.release();
          }
        }
      },
      (error) => isStoreError(error, 'Unavailable'),
    );
    assert.ok(at < store.size);
  });

  it('neither where the store keeps no revisions', limit, async (t) => {
    const store = new MemoryStore({ preconditions: 'none' });
    const [old, changed] = ['old ', 'new '].map((text) => Buffer.alloc(mebibyte, text)) as [Buffer, Buffer];
    await writeBytes(store, '/file', old, { modified: 1000 });
    const trial = new CacheTrial(t, { store });
    const file = await trial.open('/file');
    await readFrom(file, 0, 1000);
    await writeBytes(store, '/file', changed, { modified: 2000 });
    assertSameBytes(await readFrom(file, 0, mebibyte), changed);
    file.release();
  });
});

describe('a write into a file that is partly here', () => {
  const bytes = Buffer.alloc(8 * mebibyte, 'the old content ');

  it('keeps the other bytes, and is sent when it is whole', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/file', bytes);
    const file = await trial.open('/file', true);
    await readFrom(file, 3 * mebibyte, 10);
    await file.write(5 * mebibyte + 3, Buffer.from('NEW'));
    await file.write(bytes.length - 1, Buffer.from('END'));
    await file.flush();
    file.release();
    await trial.cache.drain();
    const expected = Buffer.concat([bytes.subarray(0, bytes.length - 1), Buffer.from('END')]);
    expected.set(Buffer.from('NEW'), 5 * mebibyte + 3);
    assertSameBytes(await readBytes(trial.store, '/file'), expected);
    assertSameBytes(await readBytes(trial.cache, '/file'), expected);
  });

  it('survives the end of the process before it is whole, and before it was flushed', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/file', bytes);
    const file = await trial.open('/file', true);
    trial.faults.offline = true;
    await file.write(5 * mebibyte + 3, Buffer.from('NEW'));
    const copy = trial.copyOfDirectory();
    trial.faults.offline = false;
    const after = new CacheTrial(t, { store: trial.store, directory: copy });
    const expected = Buffer.from(bytes);
    expected.set(Buffer.from('NEW'), 5 * mebibyte + 3);
    assertSameBytes(await readBytes(after.cache, '/file'), expected);
    await after.cache.drain();
    assertSameBytes(await readBytes(trial.store, '/file'), expected);
    file.release();
  });

  it('cut short and lengthened has zeros where it was cut', limit, async (t) => {
    const trial = new CacheTrial(t);
    await writeBytes(trial.store, '/file', bytes);
    const id = await trial.id('/file');
    await trial.tree.truncate(id, 2 * mebibyte);
    await trial.tree.truncate(id, 3 * mebibyte);
    await trial.cache.drain();
    const expected = Buffer.concat([bytes.subarray(0, 2 * mebibyte), Buffer.alloc(mebibyte)]);
    assertSameBytes(await readBytes(trial.store, '/file'), expected);
    const entry: Entry = await trial.store.stat('/file');
    assert.equal(entry.kind === 'file' && entry.size, 3 * mebibyte);
  });
});
