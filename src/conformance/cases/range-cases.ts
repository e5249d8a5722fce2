import assert from 'node:assert/strict';
import type { ReadOptions } from '../../store/store.ts';
import { assertSameBytes, expectFailure } from '../expect.ts';
import { sampleBytes } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';

const size = 200_000;
const ranges: readonly (readonly [offset: number | undefined, length: number | undefined])[] = [
  [0, 0],
  [0, 1],
  [0, 65_536],
  [1, 65_535],
  [65_535, 2],
  [65_536, 65_536],
  [size - 1, 1],
  [size - 1, undefined],
  [undefined, 10],
  [100, undefined],
  [0, size],
  [0, size + 1],
  [size - 10, 20],
  [size - 10, Number.MAX_SAFE_INTEGER],
  [size, 0],
  [size, 1],
  [size, undefined],
  [size + 1, 1],
  [size * 10, undefined],
  [100, 0],
];

const badValues: readonly number[] = [-1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 60];

/** `read` with `offset` and `length`. */
export const rangeCases: readonly StoreCase[] = [
  {
    name: 'a range is cut at the end of the file, and empty behind it',
    run: async (trial) => {
      const content = sampleBytes(size);
      await trial.put('/file', content);
      for (const [offset, length] of ranges) {
        const start = offset ?? 0;
        const expected = content.subarray(start, length === undefined ? size : start + length);
        const what = `offset ${offset}, length ${length}`;
        assertSameBytes(await trial.bytes('/file', { offset, length }), expected, what);
      }
    },
  },
  {
    name: 'a range of an empty file is empty',
    run: async (trial) => {
      await trial.put('/empty', '');
      for (const options of [{ offset: 0, length: 10 }, { offset: 5 }, { length: 0 }]) {
        assert.equal((await trial.bytes('/empty', options)).length, 0);
      }
    },
  },
  {
    name: 'the entry of a range is that of the whole file',
    run: async (trial) => {
      const written = await trial.put('/file', sampleBytes(1000));
      const { entry, body } = await trial.store.read('/file', { offset: 10, length: 5 });
      assert.equal(
        (await Array.fromAsync(body)).reduce((sum, chunk) => sum + chunk.length, 0),
        5,
      );
      assert.deepEqual(entry, written);
    },
  },
  {
    name: 'an impossible range is a RangeError',
    run: async (trial) => {
      await trial.put('/file', 'content');
      const options: ReadOptions[] = badValues.flatMap((value) => [{ offset: value }, { length: value }]);
      for (const range of options) {
        const error = await expectFailure(() => trial.bytes('/file', range), 'a RangeError');
        assert.ok(error instanceof RangeError, `${JSON.stringify(range)}: ${String(error)}`);
      }
    },
  },
];
