import assert from 'node:assert/strict';
import { bytesSource } from '../../store/source.ts';
import { assertSameBytes, expectFailure, expectStoreError } from '../expect.ts';
import { sampleBytes } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';

const files = 60;

/** `capabilities.gatheredUpTo`: small files that the store sends together. */
export const gatheredCases: readonly StoreCase[] = [
  {
    name: 'small files that are gathered have each its own answer, and the others do not suffer from a refusal or an abort',
    unless: ({ gatheredUpTo }) => (gatheredUpTo > 0 ? undefined : 'the store gathers no small writes'),
    run: async (trial) => {
      const { store, capabilities } = trial;
      await store.makeDirectory('/taken');
      await trial.put('/there', 'old');
      const contents = Array.from({ length: files }, (_, index) =>
        sampleBytes((index * 9973) % (capabilities.gatheredUpTo + 1), index + 1),
      );
      const left = new AbortController();
      const writes = contents.map((content, index) => store.write(`/many/${index}`, bytesSource(content)));
      const refused = expectStoreError(() => store.write('/taken', bytesSource('x')), 'IsADirectory');
      const tooLate = expectStoreError(
        () => store.write('/there', bytesSource('new'), { ifRevision: null }),
        'Conflict',
      );
      const given = expectFailure(
        () => store.write('/left', bytesSource('x'), { signal: left.signal }),
        'the reason of the signal',
      );
      left.abort(new Error('enough'));
      const entries = await trial.settled(Promise.all(writes));
      await Promise.all([refused, tooLate]);
      assert.equal(await given, left.signal.reason);
      for (const [index, content] of contents.entries()) {
        assert.equal(entries[index]?.size, content.length);
        assertSameBytes(await trial.bytes(`/many/${index}`), content, `/many/${index}`);
      }
      assert.equal(await trial.text('/there'), 'old');
    },
  },
];
