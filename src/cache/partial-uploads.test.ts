import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { assertSameBytes, CacheTrial, readFrom } from '../../test/fakes/cache-trial.ts';
import { runsOr, seed } from '../../test/seeded-runs.ts';
import { sampleBytes } from '../conformance/sample-content.ts';
import { seededRandom } from '../layers/seeded-random.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { readBytes, readText, writeBytes } from '../store/operations.ts';

const limit = { timeout: 60_000 };
const mebibyte = 1 << 20;

/** A cache that has nothing of `/file`, over a store that takes changes of it. */
async function coldTrial(t: TestContext, content: Uint8Array): Promise<CacheTrial> {
  const store = new MemoryStore({ partialFrom: mebibyte, resumableFrom: mebibyte });
  await writeBytes(store, '/file', content, { modified: 1000 });
  return new CacheTrial(t, { store });
}

async function write(trial: CacheTrial, path: string, offset: number, data: Uint8Array): Promise<void> {
  const file = await trial.open(path, true);
  await file.write(offset, data);
  await file.flush();
  file.release();
}

async function read(trial: CacheTrial, path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await trial.open(path);
  try {
    return await readFrom(file, offset, length);
  } finally {
    file.release();
  }
}

function fetched(trial: CacheTrial): number {
  return trial.cache.statistics().downloadedBytes;
}

function changed(content: Uint8Array, offset: number, data: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.max(content.length, offset + data.length));
  result.set(content);
  result.set(data, offset);
  return result;
}

describe('a change of a large file that is not here', () => {
  const content = sampleBytes(16 * mebibyte + 5);

  it('at its end moves nothing but the end', limit, async (t) => {
    const trial = await coldTrial(t, content);
    await write(trial, '/file', content.length, sampleBytes(4096, 2));
    await trial.cache.drain();
    const expected = changed(content, content.length, sampleBytes(4096, 2));
    assertSameBytes(await readBytes(trial.store, '/file'), expected);
    assert.ok(fetched(trial) <= 2 * mebibyte, `${fetched(trial)} bytes were fetched`);
    assert.equal((await trial.cache.stat('/file')).kind === 'file' && trial.cache.pending().length, 0);
    assertSameBytes(await readBytes(trial.cache, '/file'), expected);
  });

  it('in the middle moves what the store wants, and is read back at once', limit, async (t) => {
    const trial = await coldTrial(t, content);
    await write(trial, '/file', 5 * mebibyte + 10, sampleBytes(100, 2));
    await write(trial, '/file', 9 * mebibyte, sampleBytes(mebibyte, 3));
    const expected = changed(
      changed(content, 5 * mebibyte + 10, sampleBytes(100, 2)),
      9 * mebibyte,
      sampleBytes(mebibyte, 3),
    );
    const around = await read(trial, '/file', 5 * mebibyte, 200);
    assertSameBytes(around, expected.subarray(5 * mebibyte, 5 * mebibyte + 200));
    await trial.cache.drain();
    assertSameBytes(await readBytes(trial.store, '/file'), expected);
    assert.ok(fetched(trial) <= 2 * mebibyte, `${fetched(trial)} bytes were fetched`);
  });

  it('is sent whole after it was renamed, or when the store takes whole files only', limit, async (t) => {
    const trial = await coldTrial(t, content);
    await write(trial, '/file', 3, sampleBytes(10, 2));
    await trial.rename('/file', '/other');
    await trial.cache.drain();
    const expected = changed(content, 3, sampleBytes(10, 2));
    assertSameBytes(await readBytes(trial.store, '/other'), expected);
    const whole = new CacheTrial(t);
    await writeBytes(whole.store, '/file', content);
    await write(whole, '/file', 3, sampleBytes(10, 2));
    await whole.cache.drain();
    assertSameBytes(await readBytes(whole.store, '/file'), expected);
  });

  it('goes on after a restart', limit, async (t) => {
    const trial = await coldTrial(t, content);
    await write(trial, '/file', 7 * mebibyte, sampleBytes(10, 2));
    await trial.reopen();
    await trial.cache.drain();
    assertSameBytes(await readBytes(trial.store, '/file'), changed(content, 7 * mebibyte, sampleBytes(10, 2)));
    assert.ok(fetched(trial) <= 2 * mebibyte, `${fetched(trial)} bytes were fetched`);
  });

  it('that arrived, the answer lost, is known again and no conflict', limit, async (t) => {
    const trial = await coldTrial(t, content);
    await write(trial, '/file', 7 * mebibyte, sampleBytes(10, 2));
    trial.faults.lostAnswerRate = 1;
    await assert.rejects(trial.cache.drain({ signal: AbortSignal.timeout(100) }));
    trial.faults.lostAnswerRate = 0;
    await trial.cache.drain();
    const expected = changed(content, 7 * mebibyte, sampleBytes(10, 2));
    assert.deepEqual(
      (await Array.fromAsync(trial.store.list('/'))).map(({ path }) => path),
      ['/file'],
    );
    assertSameBytes(await readBytes(trial.store, '/file'), expected);
    assertSameBytes(await readBytes(trial.cache, '/file'), expected);
    assert.deepEqual(trial.cache.problems(), []);
  });

  it('whose rest somebody else has replaced is not made up, told, and theirs stays', limit, async (t) => {
    const trial = await coldTrial(t, content);
    const ours = sampleBytes(10, 2);
    await write(trial, '/file', 7 * mebibyte, ours);
    await writeBytes(trial.store, '/file', 'theirs');
    await assert.rejects(trial.cache.drain());
    assert.equal(await readText(trial.store, '/file'), 'theirs');
    assertSameBytes(await read(trial, '/file', 7 * mebibyte, 10), ours);
    await assert.rejects(read(trial, '/file', 0, 10));
    assert.equal(trial.cache.problems().length, 1);
  });
});

describe('changes of a file that is not here', () => {
  it(`are in the end what was written, whatever comes between (seed ${seed})`, limit, async (t) => {
    for (let run = 0; run < runsOr(4); run++) await changeAtRandom(t, seed + run);
  });
});

async function changeAtRandom(t: TestContext, runSeed: number): Promise<void> {
  const random = seededRandom(runSeed);
  const below = (most: number): number => Math.floor(random() * most);
  let content: Uint8Array = sampleBytes(4 * mebibyte + below(mebibyte), runSeed);
  const trial = await coldTrial(t, content);
  for (let step = 0; step < 15; step++) {
    const at = below(content.length + mebibyte / 2);
    switch (below(6)) {
      case 0:
      case 1: {
        const data = sampleBytes(1 + below(200_000), step + 1);
        content = changed(content, at, data);
        await write(trial, '/file', at, data);
        break;
      }
      case 2: {
        const length = below(300_000);
        assertSameBytes(await read(trial, '/file', at, length), content.subarray(at, at + length));
        break;
      }
      case 3: {
        const size = Math.min(at, content.length);
        content = content.slice(0, size);
        await trial.tree.truncate(await trial.id('/file'), size);
        break;
      }
      case 4:
        trial.faults.lostAnswerRate = random() < 0.3 ? 0.5 : 0;
        await trial.cache.drain().catch(() => undefined);
        trial.faults.lostAnswerRate = 0;
        break;
      default:
        await trial.reopen();
    }
  }
  await trial.cache.drain();
  assertSameBytes(await readBytes(trial.cache, '/file'), content);
  assertSameBytes(await readBytes(trial.store, '/file'), content);
}
