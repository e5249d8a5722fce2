import assert from 'node:assert/strict';
import { isStoreError } from '../../store/errors.ts';
import { bytesSource } from '../../store/source.ts';
import { assertSameBytes } from '../expect.ts';
import { sampleBytes } from '../sample-content.ts';
import type { StoreCase } from '../store-case.ts';
import type { Trial } from '../trial.ts';
import { whileRunning } from '../while-running.ts';

const size = 300_000;
const writers = 8;

/** Law 4: whoever reads sees one whole version, whatever others do meanwhile. */
export const concurrencyCases: readonly StoreCase[] = [
  {
    name: 'of many concurrent writers of one file, one is kept whole',
    run: async (trial) => {
      const versions = Array.from({ length: writers }, (_, index) => sampleBytes(size + index, index + 1));
      await trial.settled(Promise.all(versions.map((version) => trial.store.write('/file', bytesSource(version)))));
      wholeVersion(await trial.bytes('/file'), versions);
      assert.deepEqual(await trial.paths('/'), ['/file']);
      assert.equal((await trial.file('/file')).size, (await trial.bytes('/file')).length);
    },
  },
  {
    name: 'readers see the old file or the new one, whole, while it is overwritten',
    run: async (trial) => {
      const versions = [sampleBytes(size, 1), sampleBytes(size + 1, 2)];
      await trial.put('/file', versions[0]);
      await whileRunning(
        async (round) => void (await trial.store.write('/file', bytesSource(versions[round % 2] ?? sampleBytes(0)))),
        async () => {
          for (let round = 0; round < 30; round++) wholeVersion(await readRetrying(trial, '/file'), versions);
        },
      );
    },
  },
  {
    name: 'a file that is overwritten is never missing',
    run: async (trial) => {
      await trial.put('/file', 'old');
      await whileRunning(
        async (round) => void (await trial.store.write('/file', bytesSource(`new ${round}`))),
        async () => {
          for (let round = 0; round < 30; round++) {
            assert.equal((await trial.store.stat('/file')).kind, 'file');
            assert.deepEqual(await trial.paths('/'), ['/file']);
          }
        },
      );
    },
  },
  {
    name: 'many files are written and read at once',
    run: async (trial) => {
      const paths = Array.from({ length: 40 }, (_, index) => `/${index % 4}/file ${index}`);
      const contents = paths.map((_, index) => sampleBytes(index * 1000, index + 1));
      const writes = paths.map((path, index) =>
        trial.store.write(path, bytesSource(contents[index] ?? sampleBytes(0))),
      );
      await trial.settled(Promise.all(writes));
      await Promise.all(
        paths.map(async (path, index) =>
          assertSameBytes(await trial.bytes(path), contents[index] ?? sampleBytes(0), path),
        ),
      );
    },
  },
];

function wholeVersion(bytes: Uint8Array, versions: readonly Uint8Array[]): void {
  const whole = versions.some((version) => Buffer.compare(version, bytes) === 0);
  assert.ok(whole, `${bytes.length} bytes that are none of the versions`);
}

/** A body may say that it can no longer deliver its version; then the caller reads again. It may not deliver a mixture. */
async function readRetrying(trial: Trial, path: string): Promise<Uint8Array> {
  for (;;) {
    try {
      return await trial.bytes(path);
    } catch (error) {
      if (!isStoreError(error) || !error.retryable) throw error;
    }
  }
}
