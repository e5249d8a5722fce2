import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSameBytes, CacheTrial } from '../../test/fakes/cache-trial.ts';
import { sampleBytes } from '../conformance/sample-content.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { readBytes, writeBytes } from '../store/operations.ts';
import type { HoleCalls, OpenFile } from './node-tree.ts';

const limit = { timeout: 30_000 };
const mebibyte = 1 << 20;

/** A disk without holes, which is asked nevertheless. */
class NoHoles implements HoleCalls {
  readonly asked: string[] = [];
  /** errno.h: EOPNOTSUPP. */
  answer = -95;

  seek(_descriptor: number, offset: number, whence: 'data' | 'hole'): number {
    this.asked.push(`${whence} ${offset}`);
    return this.answer;
  }
  punch(_descriptor: number, offset: number, length: number): number {
    this.asked.push(`punch ${offset} ${length}`);
    return -95;
  }
}

function cleared(content: Uint8Array, start: number, end: number): Uint8Array {
  return Uint8Array.from(content).fill(0, start, end);
}

async function using<T>(file: OpenFile, work: (file: OpenFile) => T | Promise<T>): Promise<T> {
  try {
    return await work(file);
  } finally {
    file.release();
  }
}

describe('a part of a file that is made zeros', () => {
  it('is written where the disk has no holes, and is sent', limit, async (t) => {
    const trial = new CacheTrial(t);
    const content = sampleBytes(3 * mebibyte);
    await trial.save('/a', content);
    await trial.cache.drain();
    const holes = new NoHoles();
    await using(await trial.open('/a', true), (file) => file.clear(1000, 2 * mebibyte, true, holes));
    assert.deepEqual(holes.asked, [`punch 1000 ${2 * mebibyte}`]);
    await trial.cache.drain();
    assertSameBytes(await readBytes(trial.store, '/a'), cleared(content, 1000, 1000 + 2 * mebibyte));
  });

  it('of what is not here is not fetched for that, and stays zeros after a crash', limit, async (t) => {
    const store = new MemoryStore({ partialFrom: mebibyte, resumableFrom: mebibyte });
    const content = sampleBytes(8 * mebibyte);
    await writeBytes(store, '/a', content);
    const trial = new CacheTrial(t, { store });
    await using(await trial.open('/a', true), async (file) => {
      await file.clear(2 * mebibyte, 4 * mebibyte, true);
      await file.flush();
    });
    assert.equal(trial.cache.statistics().downloadedBytes, 0);
    assert.equal(trial.cache.statistics().cachedBytes, 4 * mebibyte);
    const after = new CacheTrial(t, { store, directory: trial.copyOfDirectory() });
    const expected = cleared(content, 2 * mebibyte, 6 * mebibyte);
    assertSameBytes(await readBytes(after.cache, '/a'), expected);
    await after.cache.drain();
    assertSameBytes(await readBytes(store, '/a'), expected);
  });

  it('ends with the file, or lengthens it', limit, async (t) => {
    const trial = new CacheTrial(t);
    await trial.save('/a', 'abcdef');
    const file = await trial.open('/a', true);
    await file.clear(4, 100, true);
    assert.deepEqual(await readBytes(trial.cache, '/a'), new Uint8Array(Buffer.from('abcd\0\0')));
    await file.clear(50, 100, true);
    assert.equal(file.node.size, 6);
    await file.clear(2, 6, false);
    assert.deepEqual(await readBytes(trial.cache, '/a'), new Uint8Array(Buffer.from('ab\0\0\0\0\0\0')));
    assert.equal(trial.cache.statistics().cachedBytes, 8);
    file.release();
  });

  it('cancels an upload that has read it already', limit, async (t) => {
    const trial = new CacheTrial(t);
    const content = sampleBytes(3 * mebibyte);
    await trial.save('/a', content);
    trial.faults.pause(({ operation }) => operation === 'write');
    const drained = trial.cache.drain();
    await trial.faults.held();
    await using(await trial.open('/a', true), (file) => file.clear(0, 10, true));
    trial.faults.resume();
    await drained;
    await trial.cache.drain();
    assertSameBytes(await readBytes(trial.store, '/a'), cleared(content, 0, 10));
  });
});

describe('holes of a file', () => {
  it('are asked of the disk where all is here', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', sampleBytes(100));
    const holes = new NoHoles();
    await using(await trial.open('/a'), (file) => {
      const places = (): unknown[] => [file.seek(10, 'data', holes), file.seek(10, 'hole', holes)];
      assert.deepEqual(places(), [10, 100], 'a disk that cannot tell');
      holes.answer = -6;
      assert.deepEqual(places(), [undefined, 100], 'no data behind this');
      holes.answer = 50;
      assert.deepEqual(places(), [50, 50]);
      assert.equal(file.seek(100, 'data', holes), undefined);
    });
    assert.deepEqual([...new Set(holes.asked)], ['data 10', 'hole 10']);
  });

  it('are not what is not here', limit, async (t) => {
    const store = new MemoryStore();
    await writeBytes(store, '/a', sampleBytes(mebibyte));
    const trial = new CacheTrial(t, { store });
    const holes = new NoHoles();
    await using(await trial.open('/a'), async (file) => {
      assert.deepEqual([file.seek(10, 'data', holes), file.seek(10, 'hole', holes)], [10, mebibyte]);
      await file.read(mebibyte / 2, new Uint8Array(10));
      assert.deepEqual([file.seek(10, 'data', holes), file.seek(10, 'hole', holes)], [10, mebibyte]);
      assert.equal(trial.tree.bytesOnDisk(file.node.id), undefined);
    });
    assert.deepEqual(holes.asked, []);
    await readBytes(trial.cache, '/a');
    assert.ok((trial.tree.bytesOnDisk(await trial.id('/a')) ?? 0) >= mebibyte);
  });
});
