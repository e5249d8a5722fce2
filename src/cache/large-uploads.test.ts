/** Large files: uploads that go on after a restart, and changes in place that send only what changed. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { assertSameBytes, CacheTrial } from '../../test/fakes/cache-trial.ts';
import { sampleBytes } from '../conformance/sample-content.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { StoreError } from '../store/errors.ts';
import { readBytes, readText, writeBytes } from '../store/operations.ts';
import type { FileEntry, Source, WriteOptions } from '../store/store.ts';

const limit = { timeout: 60_000 };
const mebibyte = 1 << 20;

/** Uploads break off after `left` bytes. */
class BreakingStore extends MemoryStore {
  left = Infinity;
  delivered = 0;

  constructor() {
    super({ resumableFrom: mebibyte, partialFrom: mebibyte });
  }

  override write(path: string, source: Source, options?: WriteOptions): Promise<FileEntry> {
    return super.write(path, this.#breaking(source), options);
  }

  #breaking(source: Source): Source {
    const count = (bytes: number): void => {
      this.delivered += bytes;
      this.left -= bytes;
      if (this.left < 0) throw new StoreError('Unavailable', { message: 'the connection broke' });
    };
    return {
      size: source.size,
      slice: (start, end) => this.#breaking(source.slice(start, end)),
      async *stream() {
        for await (const chunk of source.stream()) {
          count(chunk.length);
          yield chunk;
        }
      },
    };
  }
}

function trialOver(t: TestContext): { trial: CacheTrial; store: BreakingStore } {
  const store = new BreakingStore();
  return { trial: new CacheTrial(t, { store, inlineBytes: 0 }), store };
}

async function write(trial: CacheTrial, path: string, offset: number, data: Uint8Array): Promise<void> {
  const file = await trial.open(path, true);
  await file.write(offset, data);
  await file.flush();
  file.release();
}

describe('a large upload', () => {
  it('goes on after a restart where it broke off', limit, async (t) => {
    const { trial, store } = trialOver(t);
    const content = sampleBytes(6 * mebibyte);
    await trial.save('/file', content);
    store.left = 4.5 * mebibyte;
    await assert.rejects(trial.cache.drain({ signal: AbortSignal.timeout(200) }));
    await trial.reopen();
    store.left = Infinity;
    store.delivered = 0;
    await trial.cache.drain();
    assertSameBytes(await readBytes(store, '/file'), content);
    assert.ok(store.delivered <= 2 * mebibyte, `${store.delivered} bytes were sent again`);
  });

  it('is given up when the content or the place has changed', limit, async (t) => {
    for (const change of [
      (trial: CacheTrial) => write(trial, '/file', 5, sampleBytes(10, 2)),
      (trial: CacheTrial) => trial.rename('/file', '/moved'),
    ]) {
      const { trial, store } = trialOver(t);
      await trial.save('/file', sampleBytes(2 * mebibyte));
      store.left = 1.5 * mebibyte;
      await assert.rejects(trial.cache.drain({ signal: AbortSignal.timeout(200) }));
      const begun = trial.calls('write').at(-1)?.options.resume?.saved;
      await change(trial);
      store.left = Infinity;
      await trial.cache.drain();
      const resume = trial.calls('write').at(-1)?.options.resume;
      assert.equal(resume?.saved, undefined);
      assert.notEqual(resume?.obsolete, undefined);
      assert.ok(begun === undefined || begun === resume?.obsolete);
    }
  });
});

describe('a large file that is changed in place', () => {
  it('sends only what changed, also after a restart', limit, async (t) => {
    const { trial, store } = trialOver(t);
    const content = sampleBytes(8 * mebibyte);
    await trial.save('/file', content);
    await trial.cache.drain();
    await write(trial, '/file', 3 * mebibyte + 7, sampleBytes(100, 2));
    await trial.reopen();
    await write(trial, '/file', content.length, sampleBytes(50, 3));
    store.delivered = 0;
    await trial.cache.drain();
    content.set(sampleBytes(100, 2), 3 * mebibyte + 7);
    assertSameBytes(await readBytes(store, '/file'), Buffer.concat([content, sampleBytes(50, 3)]));
    assert.equal(store.delivered, mebibyte + 50);
  });

  it('is not written past the cache, which could not tell where it changed', limit, async (t) => {
    const { trial, store } = trialOver(t);
    const content = new Uint8Array(8 * mebibyte).fill(1);
    await trial.save('/large', content);
    await trial.save('/small', 'small');
    await trial.cache.drain();
    assert.ok((await trial.open('/small', true)).openDirectly(false));
    const alone = await trial.open('/large', true);
    assert.equal(alone.openDirectly(false), undefined);
    alone.release();
    const reader = await trial.open('/large');
    assert.equal(reader.openDirectly(false)?.isLimited, false);
    const writer = await trial.open('/large', true);
    assert.equal(writer.openDirectly(true)?.isLimited, true);
    store.delivered = 0;
    await writer.write(content.length, new Uint8Array(4096).fill(2));
    await writer.flush();
    for (const file of [writer, reader]) file.release();
    await trial.cache.drain();
    assert.ok(store.delivered <= 2 * mebibyte, `${store.delivered} bytes were sent`);
    const stored = await readBytes(store, '/large');
    assert.deepEqual([stored.length, stored[0], stored.at(-1)], [content.length + 4096, 1, 2]);
  });

  it('sends all after a kill in the middle of a change', limit, async (t) => {
    const { trial, store } = trialOver(t);
    await trial.save('/file', sampleBytes(4 * mebibyte));
    await trial.cache.drain();
    const file = await trial.open('/file', true);
    await file.write(mebibyte, sampleBytes(10, 2));
    const killed = new CacheTrial(t, { store, inlineBytes: 0, directory: trial.copyOfDirectory() });
    file.release();
    store.delivered = 0;
    await killed.cache.drain();
    assert.equal(store.delivered, 4 * mebibyte);
  });

  it('sends all when somebody else has changed it, and keeps both versions', limit, async (t) => {
    const { trial, store } = trialOver(t);
    const content = sampleBytes(2 * mebibyte);
    await trial.save('/file', content);
    await trial.cache.drain();
    await write(trial, '/file', 0, sampleBytes(10, 2));
    await writeBytes(store, '/file', 'theirs');
    await trial.cache.drain();
    content.set(sampleBytes(10, 2));
    const names = (await Array.fromAsync(store.list('/'))).map(({ path }) => path).sort();
    assert.equal(names.length, 2);
    assert.equal(await readText(store, '/file'), 'theirs');
    assertSameBytes(await readBytes(store, names[1] ?? ''), content);
  });

  it(`has in the end the content that was written, whatever was done to it (seed ${seed})`, limit, async (t) => {
    for (let run = 0; run < runsOr(6); run++) await editAtRandom(t, seed + run);
  });
});

async function editAtRandom(t: TestContext, runSeed: number): Promise<void> {
  const { trial, store } = trialOver(t);
  const random = seededRandom(runSeed);
  const below = (limit: number): number => Math.floor(random() * limit);
  let content = sampleBytes(3 * mebibyte, runSeed);
  await trial.save('/file', content);
  for (let step = 0; step < 12; step++) {
    const at = below(content.length + mebibyte);
    switch (below(5)) {
      case 0:
      case 1: {
        const data = sampleBytes(1 + below(100_000), step + 1);
        content = resized(content, Math.max(content.length, at + data.length));
        content.set(data, at);
        await write(trial, '/file', at, data);
        break;
      }
      case 2:
        content = resized(content, at);
        await trial.tree.truncate(await trial.id('/file'), at);
        break;
      case 3:
        await trial.cache.drain();
        assertSameBytes(await readBytes(store, '/file'), content);
        break;
      default:
        await trial.reopen();
    }
  }
  await trial.cache.drain();
  assertSameBytes(await readBytes(store, '/file'), content);
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(size);
  result.set(bytes.subarray(0, size));
  return result;
}
