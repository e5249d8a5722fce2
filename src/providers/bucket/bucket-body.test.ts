import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryBucket } from '../../../test/fakes/memory-bucket.ts';
import { assertSameBytes, expectFailure, expectStoreError } from '../../conformance/expect.ts';
import { sampleBytes } from '../../conformance/sample-content.ts';
import { StoreError } from '../../store/errors.ts';
import { readBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import { BucketStore, type BucketStoreOptions } from './bucket-store.ts';

const size = 3_000_000;
const bytes = sampleBytes(size);
const inParts = { parallelFrom: 1_000_000, readPartBytes: 200_000 };

async function filled(options: BucketStoreOptions = {}): Promise<{ bucket: MemoryBucket; store: BucketStore }> {
  const bucket = new MemoryBucket();
  const store = new BucketStore(bucket, options);
  await store.write('/file', bytesSource(bytes));
  bucket.requests.length = 0;
  return { bucket, store };
}

/** Every body breaks off: at the first try without a byte, at the next one after some. */
function breakBodies(bucket: MemoryBucket): void {
  const tries = new Map<number, number>();
  bucket.breakBody = (_key, offset) => {
    const count = tries.get(offset) ?? 0;
    tries.set(offset, count + 1);
    return count % 2 === 0 ? 0 : 150_000;
  };
}

for (const [how, options] of Object.entries({ 'over one connection': {}, 'in parts': inParts })) {
  describe(`a body that is read ${how}`, { timeout: 20_000 }, () => {
    it('is what was asked for, whatever breaks', async () => {
      for (const breaks of [false, true]) {
        const { bucket, store } = await filled(options);
        if (breaks) breakBodies(bucket);
        for (const [offset, length] of [
          [undefined, undefined],
          [1, size],
          [777_777, 1_000_000],
          [500_000, 1_234_567],
          [size - 1, 5],
        ]) {
          const end = length === undefined ? size : (offset ?? 0) + length;
          const found = await readBytes(store, '/file', { offset, length });
          assertSameBytes(found, bytes.subarray(offset ?? 0, end), `${offset} ${length}`);
        }
        assert.equal(bucket.bodies.open, 0);
      }
    });

    it('gives up after breaks that bring nothing', async () => {
      const { bucket, store } = await filled(options);
      bucket.breakBody = () => 0;
      const { operation, path } = await expectStoreError(() => readBytes(store, '/file'), 'Unavailable');
      assert.deepEqual([operation, path], ['read', '/file']);
    });

    it('never is a mixture of two versions', async () => {
      const { bucket, store } = await filled(options);
      breakBodies(bucket);
      const { body } = await store.read('/file');
      const error = await expectStoreError(async () => {
        for await (const _ of body) bucket.plant('file', 'another version');
      }, 'Unavailable');
      assert.match(error.message, /replaced or deleted/);
    });

    it('throws what is no break, and at once when it is aborted', async () => {
      const { bucket, store } = await filled(options);
      bucket.breakBody = () => 100_000;
      let gets = 0;
      bucket.fail = (kind) => (kind === 'get' && gets++ > 0 ? new StoreError('PermissionDenied') : undefined);
      await expectStoreError(() => readBytes(store, '/file'), 'PermissionDenied');
      bucket.fail = undefined;
      bucket.breakBody = undefined;
      const controller = new AbortController();
      const reason = new Error('stop');
      const { body } = await store.read('/file', { signal: controller.signal });
      const abort = async (): Promise<void> => {
        for await (const _ of body) controller.abort(reason);
      };
      assert.equal(await expectFailure(abort, 'the abort'), reason);
    });

    it('may be left, and nothing goes on', async () => {
      const { bucket, store } = await filled(options);
      for await (const _ of (await store.read('/file')).body) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
      const { length } = bucket.requests;
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual([bucket.requests.length, bucket.bodies.open], [length, 0]);
    });
  });
}

describe('a large read', { timeout: 20_000 }, () => {
  it('is made of parts, several at once, and a small one of one request', async () => {
    const { bucket, store } = await filled(inParts);
    await readBytes(store, '/file', { length: 999_999 });
    assert.deepEqual([bucket.requests.length, bucket.bodies.most], [1, 1]);
    bucket.requests.length = 0;
    await readBytes(store, '/file');
    assert.equal(bucket.requests.length, 15);
    assert.ok(bucket.bodies.most > 2 && bucket.bodies.most <= 5, String(bucket.bodies.most));
  });

  it('does not run far ahead of a reader who waits', async () => {
    const { bucket, store } = await filled(inParts);
    const body = (await store.read('/file')).body[Symbol.asyncIterator]();
    await body.next();
    for (let round = 0; round < 50; round++) await new Promise(setImmediate);
    assert.equal(bucket.requests.length, 4);
    await body.return?.();
  });
});
